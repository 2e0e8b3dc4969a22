#include "page_items.hpp"

#include "page_shapes.hpp"
#include "x_tweets.hpp"
#include <sportello/base/text.hpp>

#include <algorithm>
#include <map>
#include <vector>

namespace sportello::simulator {
using base::escape_html;
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

std::string type_word(const std::string& type)
{
    if (type == "image") return "Foto";
    if (type == "video") return "Video";
    if (type == "audio") return "Audio";
    if (type == "sticker") return "Adesivo";
    return type == "link" ? "Link" : "File";
}

/// What hangs at an item: pictures that are here are shown, everything else is named, with a link where it leads.
std::string media_html(const House& house, const Item& item)
{
    std::string html;
    for (const auto& media : item.media) {
        const auto name = escape_html(media.name.empty() ? media.url : media.name);
        const auto* here = house.files.find(media.url);
        if (here && media.type == "image") {
            html +=
                "<img class=\"picture\" loading=\"lazy\" src=\"" + escape_html(FileStore::path_of(media.url)) + "\" alt=\"" + name + "\">";
            continue;
        }
        const auto label = "<span class=\"kind\">" + type_word(media.type) + "</span> <span class=\"name\">" + name + "</span>";
        const bool leads = media.url.starts_with("https://") || media.url.starts_with("http://");
        const auto address = here ? std::string(FileStore::path_of(media.url)) : media.url;
        html += leads ? "<a class=\"file\" rel=\"noreferrer nofollow\" href=\"" + escape_html(address) + "\">" + label + "</a>"
                      : "<span class=\"file\">" + label + "</span>";
    }
    return html;
}

/// Marks behind the time: what became of an item.
std::string marks_html(const Item& item)
{
    std::string html;
    const auto mark = [&](const char* name, const char* text) {
        html += std::string(" <span class=\"note\" data-mark=\"") + name + "\">" + text + "</span>";
    };
    if (item.edited()) mark("edited", "modificato");
    if (item.hidden) mark("hidden", "nascosto: lo vede solo chi lo ha scritto");
    if (item.liked) mark("liked", "piace all'azienda");
    if (item.tagged) mark("tagged", "cita la pagina");
    return html;
}

/// Changing and taking back, for what customers wrote.
std::string menu_html(const House& house, const Item& item)
{
    if (item.own) return {};
    const auto& account = house.world.accounts()[item.account];
    const auto id = "<input type=\"hidden\" name=\"id\" value=\"" + escape_html(item.now().id) + "\">";
    const auto form = [&](const char* action) {
        return "<form method=\"post\" action=\"" + page_path(account) + "/" + action + "\" accept-charset=\"utf-8\">" + id;
    };
    std::string html = "<details class=\"more\"><summary>Altro</summary>";
    if (item.platform == Platform::facebook || item.kind != Kind::direct_message) {
        html += form("edit") + "<label>Nuovo testo<textarea name=\"text\" data-testid=\"edit-text\" required>" +
                escape_html(item.now().text) + "</textarea></label><button data-testid=\"edit\">Salva</button></form>";
    }
    return html + form("delete") + "<button class=\"second\" data-testid=\"delete\">Elimina</button></form></details>";
}

void append_item(std::string& html, const House& house, const Item& item, const char* shape)
{
    const auto id = escape_html(item.now().id);
    const bool is_private = item.kind == Kind::direct_message;
    const auto name = author_of(house.world, item);
    html += std::string("<article class=\"item ") + shape;
    if (item.own) html += " own";
    if (item.hidden) html += " hidden";
    html += "\" id=\"i-" + id + "\" data-testid=\"item\" data-id=\"" + id + "\" data-own=\"" + (item.own ? "true" : "false") + "\">";
    html += avatar_html(name) + "<div class=\"body\"><header><strong>" + escape_html(name) + "</strong>";
    if (item.own) html += " <span class=\"badge\">azienda</span>";
    html += " <time datetime=\"" + base::to_rfc3339(item.at) + "\">" + base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(item.at)) +
            "</time>" + marks_html(item) + "</header>";
    if (const auto text = text_of(house, item); !text.empty()) html += "<p class=\"text\">" + escape_html(text) + "</p>";
    html += media_html(house, item) + "<footer>";
    if (!is_private) {
        const auto* word = item.platform == Platform::facebook && item.kind != Kind::comment ? "Commenta" : "Rispondi";
        html += "<a class=\"reply\" href=\"?reply=" + id + "#write\" data-reply=\"" + id + "\">" + word + "</a>";
    }
    html += menu_html(house, item) + "</footer></div></article>";
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
            if (!comment->deleted) add(comment);
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

bool is_answer(const Item& item)
{
    return item.platform == Platform::facebook && item.kind == Kind::comment && item.in_reply_to != item.conversation;
}

/// Facebook's comments stand under what they answer, at two levels; on X everything stands in the order of time.
void append_thread(std::string& html, const House& house, const PublicThread& thread)
{
    html += "<section class=\"thread\">";
    bool first = true;
    for (const auto* item : thread.items) {
        if (is_answer(*item)) continue;
        append_item(html, house, *item, first ? "post" : "nested");
        first = false;
        if (item->platform != Platform::facebook || item->kind != Kind::comment) continue;
        for (const auto* answer : thread.items) {
            if (answer->in_reply_to == item->id) append_item(html, house, *answer, "nested deeper");
        }
    }
    html += "</section>";
}

void append_conversation(std::string& html, const House& house, const Thread& thread)
{
    const auto platform = house.world.accounts()[thread.account].platform;
    const auto* person = house.world.find_person(platform, thread.person_id);
    const auto name = person ? person->author : std::string();
    html += "<section class=\"thread private\"><h3>" + escape_html(name) + "</h3>";
    for (const auto* message : thread.messages) {
        if (!message->deleted) append_item(html, house, *message, message->own ? "bubble" : "bubble mine");
    }
    html += "<a class=\"again\" href=\"?kind=direct_message&amp;author=" + http::percent_encode(name) + "#write\">Scrivi ancora come " +
            escape_html(name) + "</a></section>";
}

} // namespace

std::string render_items(const House& house, std::size_t account)
{
    std::string html = "<h2 id=\"public\">In pubblico</h2>";
    const auto threads = public_threads(house.world, account);
    if (threads.empty()) html += "<p class=\"note\">Nessuno ha ancora scritto.</p>";
    for (const auto& thread : threads) append_thread(html, house, thread);

    html += "<h2 id=\"private\">Messaggi privati</h2>";
    const auto& conversations = house.world.threads(account);
    if (conversations.empty()) html += "<p class=\"note\">Nessun messaggio privato.</p>";
    for (auto thread = conversations.rbegin(); thread != conversations.rend(); ++thread) append_conversation(html, house, **thread);
    return html;
}

} // namespace sportello::simulator
