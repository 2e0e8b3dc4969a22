#include "ids.hpp"
#include "paging.hpp"
#include "text_list.hpp"
#include "x_api.hpp"
#include "x_search.hpp"

namespace sportello::simulator {
namespace {

constexpr std::size_t timeline_depth = 800;
constexpr auto search_depth = std::chrono::hours(24 * 7);

// Paging tokens are opaque to the reader; ours hold the id at the edge of the page.
constexpr std::string_view next_mark = "7140dibdnow9c7btw";
constexpr std::string_view previous_mark = "77qp8pl3wz1an";

std::optional<Instant> query_time(const XCall& call, const std::string& name)
{
    const auto text = call.query(name);
    if (text.empty()) return std::nullopt;
    const auto parsed = base::parse_rfc3339(text);
    if (!parsed) throw x_bad_parameter(name, text, "The `" + name + "` query parameter value [" + text + "] is not a valid time");
    return *parsed;
}

std::string query_id(const XCall& call, const std::string& name)
{
    auto text = call.query(name);
    if (!text.empty() && !is_numeric_id(text)) {
        throw x_bad_parameter(name, text, "The `" + name + "` query parameter value [" + text + "] is not valid");
    }
    return text;
}

/// since_id and until_id are exclusive and win over the times; start_time is inclusive, end_time exclusive.
std::vector<const Item*> within_bounds(const XCall& call, const std::vector<const Item*>& newest_first)
{
    const auto since = query_id(call, "since_id");
    const auto until = query_id(call, "until_id");
    const auto start = since.empty() ? query_time(call, "start_time") : std::nullopt;
    const auto end = until.empty() ? query_time(call, "end_time") : std::nullopt;
    std::vector<const Item*> kept;
    for (const auto* item : newest_first) {
        const auto& version = item->now();
        const bool too_old = (!since.empty() && !less_id(since, version.id)) || (start && version.at < *start);
        const bool too_new = (!until.empty() && !less_id(version.id, until)) || (end && version.at >= *end);
        if (!too_old && !too_new) kept.push_back(item);
    }
    return kept;
}

/// A page's token: a mark, the id at the edge of the page (0: the very beginning), and how the page is to come.
struct PageToken {
    std::string mark;
    std::string id;
    char way = ' '; ///< 'r': the page comes a second time; 'e': an empty one comes before it
};

PageToken read_token(const XCall& call)
{
    auto token = call.query("pagination_token");
    auto name = std::string("pagination_token");
    if (token.empty()) token = call.query(name = "next_token");
    if (token.empty()) return {};
    for (const auto mark : {next_mark, previous_mark}) {
        if (!token.starts_with(mark)) continue;
        PageToken page{std::string(mark), token.substr(mark.size()), ' '};
        if (page.id.ends_with('r') || page.id.ends_with('e')) {
            page.way = page.id.back();
            page.id.pop_back();
        }
        return page;
    }
    throw x_bad_parameter(name, token, "The `" + name + "` query parameter value [" + token + "] is not valid");
}

/// Some posts show in lists later than they were written: always the same ones.
bool is_visible(const XCall& call, const Item& item)
{
    const bool late = !item.id.empty() && (item.id.back() - '0') % 3 == 0;
    return !late || call.house.clock.now() >= item.now().at + call.house.x.late_visible;
}

XAnswer page_of_tweets(const XCall& call, std::vector<const Item*> newest_first, std::size_t least)
{
    const auto limit = x_number(call, "max_results", 10, least, 100);
    const auto token = read_token(call);
    if (token.way == 'e') return {200, {{"meta", {{"result_count", 0}, {"next_token", token.mark + token.id}}}}};
    std::erase_if(newest_first, [&](const Item* item) { return !is_visible(call, *item); });
    const auto* edge = token.id.empty() ? nullptr : call.world().find(Platform::twitter, token.id);
    const bool back = token.mark == previous_mark;
    const auto page = cut_stretch(newest_first, back ? nullptr : edge, back ? edge : nullptr, limit, World::Later());
    XTweets tweets(call.house, XFields::read(call));
    for (const auto* item : page.rows) tweets.add(*item);
    auto body = tweets.take(false);
    ordered_json meta = ordered_json::object();
    if (!page.rows.empty()) {
        meta["newest_id"] = page.rows.front()->now().id;
        meta["oldest_id"] = page.rows.back()->now().id;
    }
    meta["result_count"] = page.rows.size();
    if (page.more_after && !page.rows.empty()) {
        const bool again = call.house.x.repeated_pages && token.way != 'r' && !back;
        auto next = std::string(next_mark) + (again ? (token.id.empty() ? "0" : token.id) + "r" : page.rows.back()->id);
        if (call.house.x.empty_pages && !again) next += "e";
        meta["next_token"] = std::move(next);
    }
    if (page.more_before && !page.rows.empty()) meta["previous_token"] = std::string(previous_mark) + page.rows.front()->id;
    body["meta"] = std::move(meta);
    return {200, std::move(body)};
}

std::vector<const Item*> newest(const World::Listing& listing, std::size_t most)
{
    std::vector<const Item*> rows;
    for (const auto* item : listing) {
        if (rows.size() == most) break;
        rows.push_back(item);
    }
    return rows;
}

XAnswer timeline(const XCall& call, const World::Listing& (World::*listing)(std::size_t) const)
{
    const auto id = call.path.at(1);
    if (!is_numeric_id(id)) throw x_bad_parameter("id", id, "The `id` query parameter value [" + id + "] is not valid");
    const auto account = call.world().find_account(Platform::twitter, id);
    if (!account) return {200, {{"errors", ordered_json::array({x_not_found("user", "id", id)})}}};
    const auto depth = call.world().accounts()[*account].ageless ? std::string::npos : timeline_depth;
    return page_of_tweets(call, within_bounds(call, newest((call.world().*listing)(*account), depth)), 5);
}

XAnswer one_user(const XCall& call, const std::optional<XUser>& user, const std::string& parameter, const std::string& value)
{
    const auto fields = XFields::read(call);
    if (!user) return {200, {{"errors", ordered_json::array({x_not_found("user", parameter, value)})}}};
    return {200, {{"data", render_x_user(*user, fields.user)}}};
}

/// Adds the version of a post that has this id; a deleted or unknown one becomes an entry of `errors`.
void add_tweet(const XCall& call, XTweets& tweets, const std::string& id, const std::string& parameter)
{
    if (!is_numeric_id(id)) {
        throw x_bad_parameter(parameter, id, "The `" + parameter + "` query parameter value [" + id + "] is not valid");
    }
    const auto* item = call.world().find(Platform::twitter, id);
    if (!item || item->deleted || item->kind == Kind::direct_message) {
        tweets.add_error(x_not_found("tweet", parameter, id));
        return;
    }
    tweets.add(*item, *std::ranges::find(item->versions, id, &Version::id));
}

} // namespace

XAnswer x_me(const XCall& call)
{
    const auto& me = call.world().accounts()[call.account()];
    return one_user(call, x_user_by_id(call.world(), me.id), "id", me.id);
}

XAnswer x_user(const XCall& call)
{
    return one_user(call, x_user_by_id(call.world(), call.path.at(1)), "id", call.path.at(1));
}

XAnswer x_user_by_name(const XCall& call)
{
    const auto& name = call.path.at(3);
    if (!is_handle(name)) {
        throw x_bad_parameter("username", name, "The `username` query parameter value [" + name + "] does not match ^[A-Za-z0-9_]{1,15}$");
    }
    return one_user(call, x_user_by_handle(call.world(), name), "username", name);
}

namespace {

/// Several users: those there are in `data`, the others in `errors`.
XAnswer many_users(const XCall& call, const std::string& parameter, bool by_name)
{
    const auto wanted = split_list(call.query(parameter));
    if (wanted.empty() || wanted.size() > 100) {
        throw x_bad_parameter(parameter, call.query(parameter),
                              "The number of values in the `" + parameter + "` query parameter list is not between 1 and 100");
    }
    const auto fields = XFields::read(call);
    ordered_json data = ordered_json::array();
    ordered_json errors = ordered_json::array();
    for (const auto& one : wanted) {
        if (by_name ? !is_handle(one) : !is_numeric_id(one)) {
            throw x_bad_parameter(parameter, one, "The `" + parameter + "` query parameter value [" + one + "] is not valid");
        }
        const auto user = by_name ? x_user_by_handle(call.world(), one) : x_user_by_id(call.world(), one);
        if (user) {
            data.push_back(render_x_user(*user, fields.user));
        } else {
            errors.push_back(x_not_found("user", parameter, one));
        }
    }
    ordered_json body = ordered_json::object();
    if (!data.empty()) body["data"] = std::move(data);
    if (!errors.empty()) body["errors"] = std::move(errors);
    return {200, std::move(body)};
}

} // namespace

XAnswer x_users(const XCall& call)
{
    return many_users(call, "ids", false);
}

XAnswer x_users_by_name(const XCall& call)
{
    return many_users(call, "usernames", true);
}

XAnswer x_mentions(const XCall& call)
{
    return timeline(call, &World::mentions);
}

XAnswer x_own_tweets(const XCall& call)
{
    return timeline(call, &World::posts);
}

XAnswer x_tweet(const XCall& call)
{
    XTweets tweets(call.house, XFields::read(call));
    add_tweet(call, tweets, call.path.at(1), "id");
    return {200, tweets.take(true)};
}

XAnswer x_tweets(const XCall& call)
{
    const auto ids = split_list(call.query("ids"));
    if (ids.empty() || ids.size() > 100) {
        throw x_bad_parameter("ids", call.query("ids"),
                              "The number of values in the `ids` query parameter list [" + std::to_string(ids.size()) +
                                  "] is not between 1 and 100");
    }
    XTweets tweets(call.house, XFields::read(call));
    for (const auto& id : ids) add_tweet(call, tweets, id, "ids");
    return {200, tweets.take(false)};
}

XAnswer x_search(const XCall& call)
{
    if ((!call.query("since_id").empty() && !call.query("start_time").empty()) ||
        (!call.query("until_id").empty() && !call.query("end_time").empty())) {
        throw x_bad_parameter("since_id", call.query("since_id"), "since_id and start_time, until_id and end_time exclude each other");
    }
    const auto matches = compile_search(call.world(), call.query("query"));
    const auto oldest = call.house.clock.now() - search_depth;
    const auto least = snowflake(oldest, 0);
    const bool ageless = std::ranges::any_of(call.world().accounts(), [](const Account& account) { return account.ageless; });
    if (const auto since = query_id(call, "since_id"); !ageless && !since.empty() && less_id(since, least)) {
        auto minute = x_time(oldest);
        minute.resize(16);
        throw x_bad_parameter("since_id", since,
                              "'since_id' must be a tweet id created after [" + minute +
                                  "Z]. Please use a 'since_id' that is larger than " + least);
    }
    std::vector<const Item*> rows;
    for (const auto& item : call.world().items()) {
        if (item.platform != Platform::twitter || item.kind == Kind::direct_message || item.deleted) continue;
        if (item.now().at < oldest && !call.world().accounts()[item.account].ageless) continue;
        if (matches(item)) rows.push_back(&item);
    }
    std::ranges::sort(rows, World::Later());
    return page_of_tweets(call, within_bounds(call, rows), 10);
}

} // namespace sportello::simulator
