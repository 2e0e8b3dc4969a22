#pragma once

#include <string_view>

namespace sportello::simulator {

inline constexpr std::string_view page_css = R"css(
:root { color-scheme: light dark; --ink: #1c2430; --muted: #5b6675; --line: #d9dee6; --edge: #7b8694; --paper: #fff; --ground: #eef0f4;
  --brand: #1b5fcc; --link: #1b5fcc; --own: #eaf2ff; --speech: #eef0f4; --mine: #1b5fcc; --wrong: #8a1c1c; --wrong-ground: #fde8e8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9ecf0; --muted: #a3aebb; --line: #2f3843; --edge: #75818f; --paper: #171c22; --ground: #0e1217;
    --brand: #1f56b0; --link: #8ab4ff; --own: #16294a; --speech: #232b35; --mine: #1f56b0; --wrong: #ff9d94; --wrong-ground: #3d1714; }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; font: 16px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
body > header { background: var(--paper); border-bottom: 1px solid var(--line); }
body > header::before { content: ''; display: block; height: 6.5rem;
  background: linear-gradient(115deg, #123f8c, #1b5fcc 45%, #2f86d9 70%, #59b3c9); }
body > header > div { max-width: 68rem; margin: -2rem auto 0; padding: 0 1rem .6rem; display: flex; gap: 0 1rem; }
body > header > div > div { min-width: 0; padding-top: 2.4rem; }
body > header h1 { margin: 0; font-size: 1.45rem; line-height: 1.2; overflow-wrap: anywhere; }
body > header p { margin: .15rem 0 0; color: var(--muted); font-size: .9rem; }
body > header nav { display: flex; flex-wrap: wrap; gap: .25rem; margin: .5rem 0 0 -.6rem; }
body > header nav a { padding: .45rem .6rem; font-weight: 600; text-decoration: none; border-radius: .4rem; }
body > header nav a:hover { background: var(--ground); }
body > header .avatar { width: 5.5rem; height: 5.5rem; font-size: 1.9rem; border: 4px solid var(--paper); }
a { color: var(--link); }
.avatar { flex: none; width: 2.4rem; height: 2.4rem; border-radius: 50%; display: grid; place-items: center; font-weight: 700;
  font-size: .85rem; color: #fff; background: #1b5fcc; overflow: hidden; user-select: none; }
.avatar.c1 { background: #7a3db8; } .avatar.c2 { background: #0f766e; } .avatar.c3 { background: #b4430b; }
.avatar.c4 { background: #a11d5b; } .avatar.c5 { background: #44546a; }
main { display: grid; grid-template-columns: minmax(16rem, 22rem) minmax(0, 1fr); gap: 1.25rem; max-width: 68rem; margin: 1.25rem auto; padding: 0 1rem; align-items: start; }
h2 { font-size: 1.05rem; margin: 1.25rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
#items > h2:first-child { margin-top: 0; }
form.write, .thread, .accounts li { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem; min-width: 0; }
form.write { position: sticky; top: 1rem; display: grid; gap: .6rem; }
form.write h2 { margin: 0; }
fieldset { border: 1px solid var(--line); border-radius: .4rem; display: grid; gap: .35rem; min-width: 0; margin: 0; }
label { display: grid; gap: .2rem; font-size: .9rem; font-weight: 600; }
label.check { display: flex; gap: .5rem; align-items: center; font-weight: 400; overflow-wrap: anywhere; }
label.check input { width: 1.2rem; height: 1.2rem; flex: none; }
input, textarea, select, button { font: inherit; padding: .5rem .6rem; border: 1px solid var(--edge); border-radius: .4rem; width: 100%;
  min-width: 0; background: var(--paper); color: var(--ink); }
label > :is(input, textarea, select) { font-size: 1rem; font-weight: 400; }
textarea { min-height: 6rem; resize: vertical; }
button { background: var(--brand); color: #fff; border: 0; cursor: pointer; font-weight: 600; min-height: 2.75rem; }
button.second { background: var(--paper); color: var(--ink); border: 1px solid var(--edge); }
:is(input, textarea, select, button, a, summary):focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
.thread { margin-bottom: .9rem; display: grid; gap: .7rem; grid-template-columns: minmax(0, 1fr); }
.item { display: flex; gap: .6rem; min-width: 0; scroll-margin-top: 1rem; }
.item:target > .body { outline: 2px solid var(--link); outline-offset: 3px; border-radius: .6rem; }
.item .body { min-width: 0; flex: 1; }
.item.post { padding-bottom: .6rem; border-bottom: 1px solid var(--line); }
.item.post:last-child { padding-bottom: 0; border-bottom: 0; }
.item.nested .avatar, .bubble .avatar { width: 2rem; height: 2rem; font-size: .72rem; }
.item.nested .body { background: var(--speech); border-radius: .9rem; padding: .5rem .8rem; }
.item.nested.own .body, .item.post.own .body { background: var(--own); border-radius: .9rem; padding: .5rem .8rem; }
.item.deeper { margin-left: 2.2rem; }
.item.hidden .body { background: transparent; border: 1px dashed var(--edge); }
.note::before { content: '\00b7\00a0'; }
p.note::before { content: none; }
.item header { font-size: .9rem; overflow-wrap: anywhere; }
.item time, .note, .item footer { color: var(--muted); font-size: .82rem; }
.item footer { display: flex; flex-wrap: wrap; gap: 0 .8rem; align-items: start; }
.item footer > a, summary { display: inline-block; padding: .35rem 0; font-weight: 600; cursor: pointer; color: var(--link); text-decoration: none; }
.more { min-width: 0; }
.more[open] { flex-basis: 100%; }
.more form { display: grid; gap: .5rem; margin-bottom: .5rem; }
.badge { background: var(--brand); color: #fff; border-radius: 1rem; font-size: .72rem; padding: .05rem .5rem; }
.text { margin: .2rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.picture { display: block; max-width: 100%; max-height: 24rem; border-radius: .5rem; margin: .4rem 0; }
.file { display: block; border: 1px solid var(--line); border-radius: .5rem; background: var(--paper); color: var(--ink); text-decoration: none;
  padding: .5rem .7rem; margin: .4rem 0; overflow-wrap: anywhere; }
.file .kind { font-weight: 700; }
.thread.private { background: var(--paper); }
.bubble { max-width: 85%; }
.bubble .body { background: var(--speech); border-radius: 1.1rem; padding: .45rem .8rem; }
.bubble.mine { justify-self: end; flex-direction: row-reverse; }
.bubble.mine .body { background: var(--mine); color: #fff; }
.bubble.mine :is(time, .note, footer, summary) { color: #e6eefb; }
.error { background: var(--wrong-ground); color: var(--wrong); border-radius: .4rem; padding: .5rem .75rem; margin: 0; }
.accounts { list-style: none; padding: 0; margin: 0; display: grid; gap: .75rem; grid-column: 1 / -1; }
@media (max-width: 48rem) {
  main { grid-template-columns: minmax(0, 1fr); padding: 0 .6rem; gap: .8rem; margin-top: .8rem; }
  form.write { position: static; }
  .item.deeper { margin-left: 1.2rem; }
  body > header::before { height: 5rem; }
}
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
let shown = list?.innerHTML;
const isBusy = () => list.querySelector('details[open]') !== null; // somebody is changing a text: it stays in place
const refresh = async () => {
  try {
    const answer = await fetch(location.pathname + '/items', { cache: 'no-store' });
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').body;
      const html = fresh.innerHTML;
      if (html !== shown && !isBusy()) {
        shown = html;
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
