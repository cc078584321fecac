"""The rules of model.md, "Time"."""

from examples.conftest import Make


def test_a_naive_local_time_that_occurs_twice_is_the_first_of_the_two(company: Make) -> None:
    berlin = company(timezone="Europe/Berlin", leads="""
        lead_id  created_at
        L1       2025-10-26T02:30:00
        """, activities="""
        activity_id  occurred_at               kind  lead_id
        A1           2025-10-26T02:30:00+01:00 call  L1
        """)
    assert berlin.value("lead_response_time", "2025-10") == 1.0


def test_a_naive_local_time_that_a_clock_change_skips_has_the_offset_before_it(company: Make) -> None:
    berlin = company(timezone="Europe/Berlin", leads="""
        lead_id  created_at
        L1       2025-03-30T02:30:00
        """, activities="""
        activity_id  occurred_at               kind  lead_id
        A1           2025-03-30T01:30:00Z      call  L1
        """)
    assert berlin.value("lead_response_time", "2025-03") == 0.0
