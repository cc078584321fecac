// What the pages do beyond links and forms; everything can be read without it.
"use strict";

// A form that only filters is sent as soon as something in it changes.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-instant]");
  if (form) form.requestSubmit();
});

// A menu closes when something else is clicked, or by Escape.
const menus = () => document.querySelectorAll("details.person[open], details.meaning[open], details.choose[open]");
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") for (const menu of menus()) menu.open = false;
});

// Empty fields stay out of the address; an empty filter is a value.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "get") return;
  for (const field of event.target.elements) if (field.name && !field.value && !field.name.startsWith("f.")) field.disabled = true;
});
