#pragma once

#include <string_view>

namespace sportello::simulator {

inline constexpr std::string_view page_css = R"css(
:root { color-scheme: light dark; --ink: #1c2430; --muted: #5b6675; --line: #d9dee6; --edge: #7b8694; --paper: #fff; --ground: #f2f4f8;
  --brand: #1b5fcc; --link: #1b5fcc; --own: #eaf2ff; --wrong: #8a1c1c; --wrong-ground: #fde8e8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9ecf0; --muted: #a3aebb; --line: #2f3843; --edge: #75818f; --paper: #171c22; --ground: #0e1217;
    --brand: #1f56b0; --link: #8ab4ff; --own: #16294a; --wrong: #ff9d94; --wrong-ground: #3d1714; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
body > header { background: var(--brand); color: #fff; padding: 1rem 1.25rem; }
body > header h1 { margin: 0; font-size: 1.35rem; }
body > header p { margin: .15rem 0 0; opacity: .9; font-size: .9rem; }
a { color: var(--link); }
body > header a { color: #fff; }
main { display: grid; grid-template-columns: minmax(16rem, 22rem) 1fr; gap: 1.25rem; max-width: 68rem; margin: 1.25rem auto; padding: 0 1rem; align-items: start; }
h2 { font-size: 1.05rem; margin: 1.25rem 0 .5rem; }
#items > h2:first-child { margin-top: 0; }
form.write, .thread, .accounts li { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; }
form.write { position: sticky; top: 1rem; display: grid; gap: .6rem; }
form.write h2 { margin: 0; }
label { display: grid; gap: .2rem; font-size: .9rem; font-weight: 600; }
input, textarea, select, button { font: inherit; padding: .5rem .6rem; border: 1px solid var(--edge); border-radius: .4rem; width: 100%;
  background: var(--paper); color: var(--ink); }
label > :is(input, textarea, select) { font-size: 1rem; font-weight: 400; }
textarea { min-height: 6.5rem; resize: vertical; }
button { background: var(--brand); color: #fff; border: 0; cursor: pointer; font-weight: 600; }
input:focus-visible, textarea:focus-visible, select:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
body > header a:focus-visible { outline-color: #fff; }
.thread { margin-bottom: .9rem; display: grid; gap: .75rem; }
.thread.private { border-style: dashed; }
.item.nested { margin-left: 1.5rem; padding-left: .75rem; border-left: 3px solid var(--line); }
.item.own { background: var(--own); border-radius: .4rem; padding: .5rem .75rem; }
.item header { font-size: .9rem; }
.item time, .note, .item footer { color: var(--muted); font-size: .82rem; }
.badge { background: var(--brand); color: #fff; border-radius: 1rem; font-size: .72rem; padding: .05rem .5rem; }
.text { margin: .2rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.error { background: var(--wrong-ground); color: var(--wrong); border-radius: .4rem; padding: .5rem .75rem; margin: 0; }
.accounts { list-style: none; padding: 0; display: grid; gap: .75rem; grid-column: 1 / -1; }
@media (max-width: 48rem) { main { grid-template-columns: 1fr; } form.write { position: static; } }
)css";

inline constexpr std::string_view page_js = R"js(
'use strict';
const list = document.getElementById('items');
const replyTo = document.getElementById('in_reply_to');
const localTimes = (root) => {
  for (const time of root.querySelectorAll('time')) {
    time.textContent = new Date(time.dateTime).toLocaleString('it-IT', { dateStyle: 'short', timeStyle: 'medium' });
  }
};
let shown = null;
const refresh = async () => {
  try {
    const answer = await fetch(location.pathname + '/items', { cache: 'no-store' });
    if (answer.ok) {
      const html = await answer.text();
      if (html !== shown) {
        shown = html;
        const fresh = new DOMParser().parseFromString(html, 'text/html').body;
        localTimes(fresh);
        list.replaceChildren(...fresh.childNodes);
      }
    }
  } catch { /* the simulator is away for a moment: the next round tries again */ }
  setTimeout(refresh, 2000);
};
if (list) {
  localTimes(list);
  refresh();
  list.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-reply]');
    if (!link) return;
    event.preventDefault();
    replyTo.value = link.dataset.reply;
    document.getElementById('text').focus();
  });
}
)js";

} // namespace sportello::simulator
