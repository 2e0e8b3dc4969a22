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

// Cursors are opaque to the reader; ours hold the row's id.
std::string to_cursor(const std::string& id)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string cursor = "QVFI";
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

template <class Find> auto marked(const Arguments& arguments, const std::string& name, Find find)
{
    const auto cursor = argument(arguments, name);
    using Row = decltype(find(cursor));
    if (cursor.empty()) return Row(nullptr);
    Row row = find(from_cursor(cursor));
    if (!row) throw GraphFailure{400, 100, "(#100) Invalid cursors values"};
    return row;
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

template <class T>
ordered_json render_stretch(const GraphView& view, const std::string& path, const Stretch<T>& stretch, const Arguments& arguments,
                            const Fields& fields, const std::string& fields_text)
{
    ordered_json data = ordered_json::array();
    for (const auto* row : stretch.rows) data.push_back(render_node(view, row->id, fields));
    ordered_json edge{{"data", std::move(data)}};
    if (stretch.rows.empty()) return edge;
    const auto before = to_cursor(stretch.rows.front()->id);
    const auto after = to_cursor(stretch.rows.back()->id);
    edge["paging"]["cursors"] = {{"before", before}, {"after", after}};
    if (stretch.more_before) edge["paging"]["previous"] = link(view, path, arguments, fields_text, "before", before);
    if (stretch.more_after) edge["paging"]["next"] = link(view, path, arguments, fields_text, "after", after);
    return edge;
}

struct Query { ///< what an edge is asked, told once
    const GraphView& view;
    const std::string& id;
    const std::string& edge;
    const Arguments& arguments;
    const Fields& fields;
    const std::string& fields_text;

    [[nodiscard]] std::string path() const { return id + "/" + edge; }
    template <class T> [[nodiscard]] ordered_json render(const Stretch<T>& stretch) const
    {
        return render_stretch(view, path(), stretch, arguments, fields, fields_text);
    }
    [[nodiscard]] const Item* item_at(const std::string& cursor_name) const
    {
        return marked(arguments, cursor_name, [&](const std::string& wanted) { return view.house.world.find(Platform::facebook, wanted); });
    }
};

ordered_json feed(const Query& query, std::size_t page, bool own, bool visitors)
{
    const auto since = time_of(query.arguments, "since");
    const auto until = time_of(query.arguments, "until");
    std::vector<const Item*> rows;
    for (const auto* post : query.view.house.world.posts(page)) {
        if (post->own ? !own : !visitors) continue;
        if ((since && post->at < *since) || (until && post->at > *until)) continue;
        rows.push_back(post);
    }
    return query.render(cut_stretch(rows, query.item_at("after"), query.item_at("before"), limit_of(query.arguments), World::Later()));
}

ordered_json comments(const Query& query, const Item& object)
{
    const auto filter = argument(query.arguments, "filter");
    const auto order = argument(query.arguments, "order");
    if (!filter.empty() && filter != "stream" && filter != "toplevel") {
        throw GraphFailure{400, 100, "(#100) param filter must be one of {toplevel, stream}"};
    }
    if (!order.empty() && order != "chronological" && order != "reverse_chronological") {
        throw GraphFailure{400, 100, "(#100) param order must be one of {chronological, reverse_chronological}"};
    }
    const bool newest_first = order == "reverse_chronological";
    const bool all_levels = filter == "stream";
    const auto since = time_of(query.arguments, "since");

    std::vector<const Item*> rows;
    for (const auto* comment : query.view.house.world.thread_of(Platform::facebook, object.conversation)) {
        const bool below = comment->in_reply_to == object.id || (object.kind != Kind::comment && all_levels);
        if (!comment->deleted && below && (!since || comment->at >= *since)) rows.push_back(comment);
    }
    const auto precedes = [newest_first](const Item* a, const Item* b) {
        return newest_first ? World::Later()(a, b) : World::Later()(b, a);
    };
    std::ranges::sort(rows, precedes);
    auto edge = query.render(cut_stretch(rows, query.item_at("after"), query.item_at("before"), limit_of(query.arguments), precedes));
    if (is_true(argument(query.arguments, "summary"))) {
        edge["summary"] = {
            {"order", newest_first ? "reverse_chronological" : "chronological"}, {"total_count", rows.size()}, {"can_comment", true}};
    }
    return edge;
}

ordered_json conversations(const Query& query, std::size_t page)
{
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
    const auto mark = [&](const char* name) {
        return marked(query.arguments, name,
                      [&](const std::string& id) { return query.view.house.world.find_thread(Platform::facebook, id); });
    };
    return query.render(cut_stretch(rows, mark("after"), mark("before"), limit_of(query.arguments), newest_first));
}

ordered_json messages(const Query& query, const Thread& thread)
{
    std::vector<const Item*> rows;
    for (const auto* message : thread.messages) {
        if (!message->deleted) rows.push_back(message);
    }
    // Two messages of one second keep the order in which they were written.
    const auto written = [&](const Item* item) { return std::ranges::find(thread.messages, item) - thread.messages.begin(); };
    const auto newest_first = [&](const Item* a, const Item* b) { return a->at != b->at ? a->at > b->at : written(a) > written(b); };
    std::ranges::sort(rows, newest_first);
    return query.render(cut_stretch(rows, query.item_at("after"), query.item_at("before"), limit_of(query.arguments), newest_first));
}

ordered_json accounts(const Query& query)
{
    ordered_json data = ordered_json::array();
    static const auto defaults = parse_graph_fields("access_token,category,category_list,name,id,tasks");
    for (const auto& account : query.view.house.world.accounts()) {
        if (account.platform != Platform::facebook) continue;
        data.push_back(render_node(query.view, account.id, query.fields.empty() ? defaults : query.fields));
    }
    ordered_json edge{{"data", std::move(data)}};
    edge["paging"]["cursors"] = {{"before", "MAZDZD"}, {"after", "MAZDZD"}};
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
    if (query.edge == "feed") return feed(query, page, true, true);
    if (query.edge == "posts" || query.edge == "published_posts") return feed(query, page, true, false);
    if (query.edge == "visitor_posts") return feed(query, page, false, true);
    if (query.edge == "tagged" || query.edge == "scheduled_posts") return {{"data", ordered_json::array()}};
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
    throw no_such_edge(edge, item->kind == Kind::comment ? "Comment" : "PagePost");
}

} // namespace sportello::simulator
