#include "graph_failures.hpp"
#include "graph_media.hpp"
#include "graph_nodes.hpp"
#include "ids.hpp"

#include <charconv>

namespace sportello::simulator {
namespace {

using Fields = std::vector<GraphField>;

std::string argument(const Arguments& arguments, const std::string& name)
{
    const auto found = arguments.find(name);
    return found == arguments.end() ? std::string() : found->second;
}

bool is_true(const std::string& text)
{
    return text == "1" || text == "true";
}

std::size_t limit_of(const Arguments& arguments)
{
    const auto text = argument(arguments, "limit");
    if (text.empty()) return 25;
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc() || end != text.data() + text.size() || limit == 0) {
        throw GraphFailure{400, 100, "(#100) param limit must be a positive integer"};
    }
    if (limit > 100) throw GraphFailure{400, 100, "(#100) param limit must be at most 100"};
    return limit;
}

std::optional<Instant> time_of(const Arguments& arguments, const std::string& name)
{
    const auto text = argument(arguments, name);
    if (text.empty()) return std::nullopt;
    if (is_numeric_id(text)) return base::from_micros(std::stoll(text.substr(0, 12)) * 1'000'000);
    const auto parsed = base::parse_rfc3339(text);
    if (!parsed) throw GraphFailure{400, 100, "(#100) param " + name + " must be a valid timestamp"};
    return *parsed;
}

// Cursors are opaque to the reader; ours hold a row's id, and which page begins there.
constexpr std::string_view behind = "QVFI";  ///< the rows behind it
constexpr std::string_view again = "UlBU";   ///< the page that began with it, once more
constexpr std::string_view nothing = "RU1Q"; ///< an empty page, then the rows behind it

std::string to_cursor(const std::string& id, std::string_view kind = behind)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string cursor(kind);
    for (const char c : id) {
        const auto byte = static_cast<unsigned char>(c);
        cursor += digits[byte >> 4];
        cursor += digits[byte & 15];
    }
    return cursor;
}

std::string from_cursor(const std::string& cursor)
{
    std::string id;
    for (std::size_t i = 4; i + 1 < cursor.size(); i += 2) {
        int byte = 0;
        std::from_chars(cursor.data() + i, cursor.data() + i + 2, byte, 16);
        id += static_cast<char>(byte);
    }
    return id;
}

std::string link(const GraphView& view, const std::string& path, const Arguments& arguments, const std::string& fields_text,
                 const std::string& direction, const std::string& cursor)
{
    std::string url = view.base + "/" + path + "?access_token=" + http::percent_encode(view.token) + "&pretty=0";
    if (!fields_text.empty()) url += "&fields=" + http::percent_encode(fields_text);
    for (const auto& [name, value] : arguments) {
        if (name == "after" || name == "before" || name == "limit" || value.empty()) continue;
        url += "&" + name + "=" + http::percent_encode(value);
    }
    return url + "&limit=" + std::to_string(limit_of(arguments)) + "&" + direction + "=" + cursor;
}

struct Query { ///< what an edge is asked, told once
    const GraphView& view;
    const std::string& id;
    const std::string& edge;
    const Arguments& arguments;
    const Fields& fields;
    const std::string& fields_text;

    [[nodiscard]] std::string link_to(const char* direction, const std::string& cursor) const
    {
        return link(view, id + "/" + edge, arguments, fields_text, direction, cursor);
    }
    [[nodiscard]] GraphQuirks quirks(std::size_t page) const
    {
        const auto found = view.house.quirks.find(page);
        return found == view.house.quirks.end() ? GraphQuirks{} : found->second;
    }
    [[nodiscard]] const Item* item(const std::string& wanted) const { return view.house.world.find(Platform::facebook, wanted); }
    /// Whether an item shows in lists by now.
    [[nodiscard]] bool shows(const Item& item) const
    {
        const auto late = quirks(item.account).late_visible;
        const bool is_late = late.count() > 0 && std::hash<std::string>{}(item.id) % 3 == 0;
        return !item.deleted && (!is_late || view.house.clock.now() - item.at >= late);
    }
};

/// One page of a list.
/// @param all   the whole list, sorted by `precedes`
/// @param find  a row by its id, also one that is not in the list any more; null when there never was one
template <class T, class Find, class Precedes>
ordered_json list(const Query& query, std::size_t page, const std::vector<const T*>& all, Find find, Precedes precedes)
{
    const auto quirks = query.quirks(page);
    const auto limit = limit_of(query.arguments);
    if (quirks.heavy_above > 0 && limit > static_cast<std::size_t>(quirks.heavy_above)) {
        throw GraphFailure{500, 1, "Please reduce the amount of data you're asking for, then retry your request"};
    }
    const auto cursor = argument(query.arguments, "after");
    const auto marked = [&](const std::string& text) {
        const T* row = text.empty() ? nullptr : find(from_cursor(text));
        if (!text.empty() && !row) throw GraphFailure{400, 100, "(#100) Invalid cursors values"};
        return row;
    };
    const T* after = marked(cursor);
    if (cursor.starts_with(nothing)) {
        ordered_json edge{{"data", ordered_json::array()}};
        edge["paging"]["next"] = query.link_to("after", to_cursor(after->id));
        return edge;
    }
    const bool repeats = cursor.starts_with(again);
    auto stretch = cut_stretch(all, repeats ? nullptr : after, marked(argument(query.arguments, "before")), limit, precedes);
    if (repeats) {
        const auto first = std::lower_bound(all.begin(), all.end(), after, precedes);
        const auto last = first + std::min<std::ptrdiff_t>(all.end() - first, static_cast<std::ptrdiff_t>(limit));
        stretch = {{first, last}, last != all.end(), first != all.begin()};
    }
    ordered_json data = ordered_json::array();
    for (const auto* row : stretch.rows) data.push_back(render_node(query.view, row->id, query.fields));
    ordered_json edge{{"data", std::move(data)}};
    if (stretch.rows.empty()) return edge;
    const auto& first = stretch.rows.front()->id;
    const auto& last = stretch.rows.back()->id;
    edge["paging"]["cursors"] = {{"before", to_cursor(first)}, {"after", to_cursor(last)}};
    if (stretch.more_before) edge["paging"]["previous"] = query.link_to("before", to_cursor(first));
    if (!stretch.more_after) return edge;
    const auto next = quirks.repeated_pages && !repeats ? to_cursor(first, again) : to_cursor(last, quirks.empty_pages ? nothing : behind);
    edge["paging"]["next"] = query.link_to("after", next);
    return edge;
}

/// The links of older lists: by the times of the first and the last row, each with an empty parameter, as recorded.
void to_time_paging(const Query& query, ordered_json& edge)
{
    if (!edge.contains("paging") || !edge["paging"].contains("cursors")) return;
    const auto paging = edge["paging"];
    const auto text = [&](const ordered_json& value) { return value.get<std::string>(); };
    const auto written = [&](const std::string& cursor) {
        return std::to_string(base::to_micros(query.item(from_cursor(cursor))->at) / 1'000'000);
    };
    auto bare = query.arguments;
    for (const char* name : {"since", "until"}) bare.erase(name);
    const auto with = [&](const std::string& times, const std::string& cursor, const char* behind_it) {
        auto url = link(query.view, query.id + "/" + query.edge, bare, query.fields_text, "x", "");
        url.resize(url.size() - std::string_view("&x=").size());
        return url + times + "&__paging_token=" + cursor + behind_it;
    };
    const auto first = text(paging["cursors"]["before"]);
    edge["paging"] = {{"previous", with("&__previous=1&since=" + written(first) + "&until", first, "")}};
    if (!paging.contains("next")) return;
    const auto next = text(paging["next"]);
    const auto cursor = next.substr(next.rfind("after=") + 6);
    edge["paging"]["next"] = with("&until=" + written(cursor) + "&since", cursor, "&__previous");
}

/// Which posts a list of a Page holds.
struct Posts {
    bool own = false, visitors = false, tagged = false;
};

ordered_json feed(const Query& query, std::size_t page, Posts wanted)
{
    require(query.view, {"pages_read_engagement"},
            {403, 10,
             "(#10) This endpoint requires the 'pages_read_engagement' permission or the 'Page Public Content Access' feature. Refer to "
             "https://developers.facebook.com/docs/apps/review/login-permissions#manage-pages for details."});
    const auto since = time_of(query.arguments, "since");
    const auto until = time_of(query.arguments, "until");
    const bool hidden_too = is_true(argument(query.arguments, "include_hidden"));
    const bool others_too = !lacks(query.view, "pages_read_user_content"); // otherwise they are simply not there
    std::vector<const Item*> rows;
    for (const auto* post : query.view.house.world.posts(page)) {
        if (!(post->own ? wanted.own : post->tagged ? wanted.tagged : wanted.visitors)) continue;
        if ((!post->own && !others_too) || (post->hidden && !hidden_too) || !query.shows(*post)) continue;
        if ((since && post->at < *since) || (until && post->at > *until)) continue;
        rows.push_back(post);
    }
    auto edge = list(
        query, page, rows, [&](const std::string& id) { return query.item(id); }, World::Later());
    if (query.quirks(page).time_paging && wanted.own && !wanted.visitors) to_time_paging(query, edge);
    return edge;
}

ordered_json comments(const Query& query, const Item& object)
{
    require(query.view, {"pages_read_engagement"}, {403, 10, "(#10) This endpoint requires the 'pages_read_engagement' permission"});
    if (!query.view.page) return {{"data", ordered_json::array()}}; // a person's token is told nothing, and no error either
    const auto filter = argument(query.arguments, "filter");
    const auto order = argument(query.arguments, "order");
    if (!filter.empty() && filter != "stream" && filter != "toplevel") {
        throw GraphFailure{400, 100, "(#100) param filter must be one of {toplevel, stream}"};
    }
    if (!order.empty() && order != "chronological" && order != "reverse_chronological") {
        throw GraphFailure{400, 100, "(#100) param order must be one of {chronological, reverse_chronological}"};
    }
    const bool ranked = query.quirks(object.account).ranked_comments;
    const bool newest_first = order == "reverse_chronological";
    const bool all_levels = filter == "stream";
    const auto since = time_of(query.arguments, "since");

    std::vector<const Item*> rows;
    for (const auto* comment : query.view.house.world.thread_of(Platform::facebook, object.conversation)) {
        const bool below = comment->in_reply_to == object.id || (object.kind != Kind::comment && all_levels);
        if (below && query.shows(*comment) && (!since || comment->at >= *since)) rows.push_back(comment);
    }
    const auto precedes = [=](const Item* a, const Item* b) {
        if (ranked) return std::pair(std::hash<std::string>{}(a->id), a->id) < std::pair(std::hash<std::string>{}(b->id), b->id);
        return newest_first ? World::Later()(a, b) : World::Later()(b, a);
    };
    std::ranges::sort(rows, precedes);
    auto edge = list(
        query, object.account, rows, [&](const std::string& id) { return query.item(id); }, precedes);
    if (is_true(argument(query.arguments, "summary"))) {
        edge["summary"] = {{"order", ranked         ? "ranked"
                                     : newest_first ? "reverse_chronological"
                                                    : "chronological"},
                           {"total_count", rows.size()},
                           {"can_comment", true}};
    }
    return edge;
}

ordered_json likes(const Query& query, const Item& object)
{
    const auto& page = query.view.house.world.accounts().at(object.account);
    ordered_json edge{{"data", ordered_json::array()}};
    if (object.liked) edge["data"].push_back({{"id", page.id}, {"name", page.name}});
    if (is_true(argument(query.arguments, "summary"))) {
        edge["summary"] = {{"total_count", object.liked ? 1 : 0}, {"can_like", true}, {"has_liked", object.liked}};
    }
    return edge;
}

ordered_json conversations(const Query& query, std::size_t page)
{
    require(query.view, {"pages_messaging", "pages_manage_metadata", "pages_read_engagement"}, graph_failure(230, 0));
    const auto platform = ascii_lower(argument(query.arguments, "platform"));
    const auto person = argument(query.arguments, "user_id");
    std::vector<const Thread*> rows;
    for (const auto* thread : query.view.house.world.threads(page)) {
        if (platform == "instagram" || (!person.empty() && thread->person_id != person)) continue;
        rows.push_back(thread);
    }
    const auto newest_first = [](const Thread* a, const Thread* b) {
        const auto left = a->messages.back()->changed;
        const auto right = b->messages.back()->changed;
        return left != right ? left > right : a->id > b->id;
    };
    std::ranges::sort(rows, newest_first);
    return list(
        query, page, rows, [&](const std::string& id) { return query.view.house.world.find_thread(Platform::facebook, id); }, newest_first);
}

ordered_json messages(const Query& query, const Thread& thread)
{
    require(query.view, {"pages_messaging", "pages_manage_metadata", "pages_read_engagement"}, graph_failure(230, 0));
    std::vector<const Item*> rows;
    for (const auto* message : thread.messages) {
        if (query.shows(*message)) rows.push_back(message);
    }
    // Two messages of one second keep the order in which they were written.
    const auto written = [&](const Item* item) { return std::ranges::find(thread.messages, item) - thread.messages.begin(); };
    const auto newest_first = [&](const Item* a, const Item* b) { return a->at != b->at ? a->at > b->at : written(a) > written(b); };
    std::ranges::sort(rows, newest_first);
    return list(
        query, thread.account, rows, [&](const std::string& id) { return query.item(id); }, newest_first);
}

/// The Pages for which a person lets the app act.
ordered_json accounts(const Query& asked)
{
    static const auto defaults = parse_graph_fields("access_token,category,category_list,name,id,tasks");
    const Query query{asked.view, asked.id, asked.edge, asked.arguments, asked.fields.empty() ? defaults : asked.fields, asked.fields_text};
    const auto& world = query.view.house.world;
    std::vector<const Account*> rows;
    for (const auto& account : world.accounts()) {
        if (account.platform != Platform::facebook || lacks(query.view, "pages_show_list")) continue;
        const auto* grant = query.view.grant;
        if (grant && !grant->pages.empty() && !grant->pages.contains(account.id)) continue;
        rows.push_back(&account);
    }
    const auto by_id = [](const Account* a, const Account* b) { return less_id(a->id, b->id); };
    std::ranges::sort(rows, by_id);
    const auto find = [&](const std::string& id) {
        const auto found = world.find_account(Platform::facebook, id);
        return found ? &world.accounts()[*found] : nullptr;
    };
    constexpr std::size_t no_page = static_cast<std::size_t>(-1); // habits are set for Pages, not for people
    auto edge = list(query, no_page, rows, find, by_id);
    if (is_true(argument(query.arguments, "summary"))) edge["summary"] = {{"total_count", rows.size()}};
    return edge;
}

GraphFailure no_such_edge(const std::string& edge, const std::string& type)
{
    return {400, 100, "(#100) Tried accessing nonexisting field (" + edge + ") on node type (" + type + ")"};
}

ordered_json page_edge(const Query& query, std::size_t page)
{
    if (query.view.page && *query.view.page != page) {
        throw GraphFailure{400, 100,
                           "(#100) Object does not exist, cannot be loaded due to missing permission or reviewable feature, "
                           "or does not support this operation. This endpoint requires the 'pages_read_engagement' "
                           "permission or the 'Page Public Content Access' feature."};
    }
    if (query.edge == "feed") return feed(query, page, {.own = true, .visitors = true, .tagged = true});
    if (query.edge == "posts" || query.edge == "published_posts") return feed(query, page, {.own = true});
    if (query.edge == "visitor_posts") return feed(query, page, {.visitors = true});
    if (query.edge == "tagged") return feed(query, page, {.tagged = true});
    if (query.edge == "scheduled_posts") return {{"data", ordered_json::array()}};
    if (query.edge == "conversations") return conversations(query, page);
    throw no_such_edge(query.edge, "Page");
}

} // namespace

ordered_json render_edge(const GraphView& view, const std::string& id, const std::string& edge, const Arguments& arguments,
                         const std::vector<GraphField>& fields, const std::string& fields_text)
{
    const Query query{view, id, edge, arguments, fields, fields_text};
    const auto& world = view.house.world;
    if (id == "me" && edge == "accounts") return accounts(query);
    if (const auto page = world.find_account(Platform::facebook, id)) return page_edge(query, *page);
    if (const auto* thread = world.find_thread(Platform::facebook, id); thread && (!view.page || *view.page == thread->account)) {
        if (edge == "messages") return messages(query, *thread);
        throw no_such_edge(edge, "UnifiedThread");
    }
    const auto* item = world.find(Platform::facebook, id);
    if (!item || item->deleted || (view.page && *view.page != item->account)) throw no_such_object(id);
    if (edge == "comments" && item->kind != Kind::direct_message) return comments(query, *item);
    if (edge == "likes" && item->kind != Kind::direct_message) return likes(query, *item);
    if (edge == "attachments" && item->kind == Kind::direct_message) {
        auto attachments = message_attachments(view, *item);
        if (!attachments || !argument(arguments, "after").empty()) return {{"data", ordered_json::array()}};
        return std::move(*attachments);
    }
    throw no_such_edge(edge, item->kind == Kind::comment ? "Comment" : "PagePost");
}

} // namespace sportello::simulator
