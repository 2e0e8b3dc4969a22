#include "page_items.hpp"

#include "x_tweets.hpp"
#include <sportello/base/text.hpp>

#include <algorithm>
#include <map>
#include <vector>

namespace sportello::simulator {
namespace {

constexpr std::size_t shown_threads = 200;

std::string author_of(const World& world, const Item& item)
{
    if (item.own) return world.accounts()[item.account].name;
    const auto* person = world.find_person(item.platform, item.author_id);
    if (!person) return item.author;
    return person->handle.empty() || person->handle == person->name ? person->name : person->name + " @" + person->handle;
}

std::string text_of(const House& house, const Item& item)
{
    const bool tweet = item.platform == Platform::twitter && item.kind != Kind::direct_message;
    return tweet ? shown_text(house, item, item.now()) : item.now().text;
}

void append_item(std::string& html, const House& house, const Item& item, bool nested)
{
    const auto id = base::escape_html(item.now().id);
    const bool is_private = item.kind == Kind::direct_message;
    html += "<article class=\"item";
    if (nested) html += " nested";
    if (item.own) html += " own";
    html += "\" data-testid=\"item\" data-id=\"" + id + "\" data-own=\"" + (item.own ? "true" : "false") + "\">";
    html += "<header><strong>" + base::escape_html(author_of(house.world, item)) + "</strong>";
    if (item.own) html += " <span class=\"badge\">azienda</span>";
    html += " <time datetime=\"" + base::to_rfc3339(item.at) + "\">" + base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(item.at)) +
            "</time>";
    if (item.edited()) html += " <span class=\"note\">modificato</span>";
    html += "</header><p class=\"text\">" + base::escape_html(text_of(house, item)) + "</p>";
    for (const auto& media : item.media) {
        html += "<p class=\"note\">[" + media.type + "] " + base::escape_html(media.name.empty() ? media.url : media.name) + "</p>";
    }
    if (!is_private) {
        html += "<footer><a class=\"reply\" href=\"?reply=" + id + "#write\" data-reply=\"" + id + "\">Rispondi</a></footer>";
    }
    html += "</article>";
}

/// A thread is led by its root, or, when that is elsewhere or deleted, by the earliest item that is here.
struct PublicThread {
    std::vector<const Item*> items;
    Instant last;
};

bool earlier(const Item* a, const Item* b)
{
    return World::Later()(b, a);
}

std::vector<PublicThread> public_threads(const World& world, std::size_t account)
{
    std::map<std::string, PublicThread> by_root;
    const auto add = [&](const Item* item) {
        auto& thread = by_root[item->conversation];
        thread.items.push_back(item);
        thread.last = std::max(thread.last, item->at);
    };
    for (const auto* post : world.posts(account)) {
        add(post);
        if (post->platform != Platform::facebook) continue;
        for (const auto* comment : world.thread_of(Platform::facebook, post->id)) {
            if (!comment->deleted && !comment->hidden) add(comment);
        }
    }
    if (world.accounts()[account].platform == Platform::twitter) {
        for (const auto* mention : world.mentions(account)) add(mention);
    }
    std::vector<PublicThread> threads;
    for (auto& [root, thread] : by_root) {
        std::ranges::sort(thread.items, earlier);
        threads.push_back(std::move(thread));
    }
    std::ranges::sort(threads, [](const PublicThread& a, const PublicThread& b) { return a.last > b.last; });
    if (threads.size() > shown_threads) threads.resize(shown_threads);
    return threads;
}

/// Facebook's comments stand under what they answer; on X everything stands in the order of time.
void append_thread(std::string& html, const House& house, const PublicThread& thread)
{
    html += "<section class=\"thread\">";
    std::vector<const Item*> order;
    for (const auto* item : thread.items) {
        if (item->platform == Platform::facebook && item->kind == Kind::comment && item->in_reply_to != item->conversation) continue;
        order.push_back(item);
        if (item->platform != Platform::facebook || item->kind != Kind::comment) continue;
        for (const auto* answer : thread.items) {
            if (answer->in_reply_to == item->id) order.push_back(answer);
        }
    }
    for (const auto* item : order) append_item(html, house, *item, item != order.front());
    html += "</section>";
}

} // namespace

std::string render_items(const House& house, std::size_t account)
{
    std::string html = "<h2>In pubblico</h2>";
    const auto threads = public_threads(house.world, account);
    if (threads.empty()) html += "<p class=\"note\">Nessuno ha ancora scritto.</p>";
    for (const auto& thread : threads) append_thread(html, house, thread);

    html += "<h2>Messaggi privati</h2>";
    const auto& conversations = house.world.threads(account);
    if (conversations.empty()) html += "<p class=\"note\">Nessun messaggio privato.</p>";
    for (auto thread = conversations.rbegin(); thread != conversations.rend(); ++thread) {
        html += "<section class=\"thread private\">";
        for (const auto* message : (*thread)->messages) {
            if (!message->deleted) append_item(html, house, *message, message->own);
        }
        html += "</section>";
    }
    return html;
}

} // namespace sportello::simulator
