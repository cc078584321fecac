"""Panels: parts that several pages show. Each asks within the page's batch and gives, once that was asked, a frozen model with texts
ready to write; its template in templates/panels writes it where `panel` is that model."""
