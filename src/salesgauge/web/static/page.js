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

// The palette (Ctrl-K): the form of the search page in a dialog, its finds while one types.
const opened = async () => {
  const link = document.querySelector("a[data-palette]");
  if (!link || document.querySelector("dialog.palette[open]")) return;
  const address = new URL(link.href);
  const found = async (wanted) => {
    address.searchParams.set("q", wanted);
    address.searchParams.set("part", "1");
    const answer = await fetch(address);
    return answer.ok ? answer.text() : "";
  };
  const dialog = document.createElement("dialog");
  dialog.className = "palette";
  dialog.innerHTML = await found("");
  document.body.append(dialog);
  const field = dialog.querySelector("input[type=search]");
  const list = dialog.querySelector("[data-found]");
  if (!field || !list) { dialog.remove(); return; }
  let asked = 0;
  field.addEventListener("input", async () => {
    const mine = ++asked;
    const page = document.createElement("template");
    page.innerHTML = await found(field.value);
    if (mine === asked) list.replaceChildren(...page.content.querySelector("[data-found]").childNodes);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const links = [...list.querySelectorAll("a")];
    const next = links[links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
    (next || field).focus();
    event.preventDefault();
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  field.focus();
};
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); opened(); }
});
document.addEventListener("click", (event) => {
  if (event.target.closest("a[data-palette]") && !event.ctrlKey && !event.metaKey) { event.preventDefault(); opened(); }
});
