/* What HTML alone cannot do. Without this file every page still works: dialogs open by link, filters by a button. */
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => root.querySelectorAll(selector);
  const composing = event => event.isComposing || event.keyCode === 229;

  // "/" goes to this page's search, j and k to the next and the former row of a list, Escape closes an open menu: never
  // while a text or pinyin is being typed, and the letters not for whoever switched them off.
  const step = way => {
    const rows = [...all("#results tbody tr")].filter(row => one("a[href]", row));
    const here = rows.findIndex(row => row.contains(document.activeElement));
    one("a[href]", rows[Math.max(0, Math.min(rows.length - 1, here + way))] || document)?.focus();
  };
  document.addEventListener("keydown", event => {
    if (composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    const search = one("[data-slash]");
    const letters = !typing && document.body.dataset.shortcuts !== "off";
    if (event.key === "/" && letters && search) { event.preventDefault(); search.focus(); search.select(); }
    if ((event.key === "j" || event.key === "k") && letters && one("#results")) step(event.key === "j" ? 1 : -1);
    if (event.key === "Escape") all("details[data-menu][open]").forEach(menu => { menu.open = false; one("summary", menu).focus(); });
  });
  ["click", "focusin"].forEach(left => document.addEventListener(left, event => {
    all("details[data-menu][open]").forEach(menu => { if (!menu.contains(event.target)) menu.open = false; });
  }));

  // A link that names a dialog opens it in place; its own link is for browsers without script.
  const show = dialog => { dialog.open && dialog.close(); dialog.showModal(); };
  document.addEventListener("click", event => {
    const opener = event.target.closest?.("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) { event.preventDefault(); show(dialog); }
    const closer = event.target.closest?.("dialog [data-close]");
    if (closer) { event.preventDefault(); closer.closest("dialog").close(); }
  });
  document.addEventListener("keydown", event => {
    const opener = event.key === " " && event.target.closest?.("a[data-dialog]");
    if (opener) { event.preventDefault(); opener.click(); }
  });

  // One form, one request: a second click finds the button off. The name and value of the clicked one still go along.
  document.addEventListener("submit", event => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    setTimeout(() => all("button", event.target).forEach(button => { button.disabled = true; }));
  });
  addEventListener("pageshow", event => { if (event.persisted) all("form button").forEach(button => { button.disabled = false; }); });

  // The URL of a filtered list names what filters it, and nothing that is empty.
  document.addEventListener("htmx:config:request", event => {
    const { body, method } = event.detail.ctx.request;
    if (method === "GET") [...body].forEach(([name, value]) => { if (value === "") body.delete(name); });
  });

  // Live search waits until a composed word is chosen (a trigger filter would need eval, which the policy forbids).
  document.addEventListener("input", event => {
    if (event.isComposing && event.target.matches?.("[data-live]")) event.stopImmediatePropagation();
  }, true);
  document.addEventListener("compositionend", event => {
    if (event.target.matches?.("[data-live]")) event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // Beside a date stands its weekday, while it is being chosen too.
  document.addEventListener("change", event => {
    const words = event.target.matches?.("input[type=date]") && one("[data-weekday]", event.target.parentNode);
    if (!words) return;
    const day = event.target.valueAsDate;
    words.textContent = day ? new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", timeZone: "UTC" }).format(day) : "";
  });

  // Toasts go by themselves, unless the pointer or the focus rests on them.
  const passing = toast => setTimeout(() => (toast.matches(":hover, :focus-within") ? passing(toast) : toast.remove()), 6000);
  const toasts = one("#toasts");
  const fail = text => {
    const toast = document.createElement("div");
    toast.className = "toast danger";
    toast.textContent = text;
    toasts.append(toast);
  };
  if (toasts) {
    all(".toast", toasts).forEach(passing);
    new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(node => node.nodeType === 1 && passing(node))))
      .observe(toasts, { childList: true });
  }
  document.addEventListener("htmx:error", () => fail(document.body.dataset.failed));
  document.addEventListener("htmx:response:error", event => {
    if (event.detail.ctx.response.status >= 500) fail(document.body.dataset.failed);
  });

  // A drawing tells what is under the pointer.
  let tip;
  document.addEventListener("pointerover", event => {
    const target = event.target.closest?.("[data-tip]");
    if (!target) { tip?.remove(); tip = undefined; return; }
    tip ||= document.body.appendChild(Object.assign(document.createElement("div"), { className: "tip" }));
    tip.textContent = target.dataset.tip;
    const box = target.getBoundingClientRect();
    tip.style.left = `${Math.min(innerWidth - tip.offsetWidth - 8, Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2))}px`;
    tip.style.top = `${Math.max(4, box.top - tip.offsetHeight - 6)}px`;
  });

  // Where entries are a strip wider than the screen, the current one is brought into sight.
  all(".side nav, .tabs").forEach(strip => {
    const current = one("[aria-current]", strip);
    if (current) strip.scrollLeft = current.offsetLeft - strip.offsetLeft - (strip.clientWidth - current.offsetWidth) / 2;
  });

  // A dialog that came open (a link without script, or a refusal) becomes a real one; what is wrong has the focus.
  const dialog = one("dialog[open]");
  if (dialog) show(dialog);
  one("[autofocus]", dialog || document)?.focus();
})();
