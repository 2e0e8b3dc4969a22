#include "prices.hpp"

#include <algorithm>
#include <array>

namespace sportello::connectors::twitter {
namespace {

using domain::MicroDollars;
using namespace std::chrono_literals;

constexpr MicroDollars post_read = 5'000, owned_read = 1'000, user_read = 10'000, message_read = 10'000;
constexpr MicroDollars post_create = 15'000, post_create_with_url = 200'000, message_create = 15'000, removal = 10'000;
// Objects that were paid for today; more are charged again rather than remembered.
constexpr std::size_t most_remembered = 500'000;

struct Limit {
    const char* endpoint;
    std::int64_t calls;
    base::Duration window;
    bool kept_for_answers; ///< answers are read back through it
};
constexpr Limit limits[] = {
    {"GET /2/users/:id/mentions", 300, 15min, false},
    {"GET /2/tweets/search/recent", 300, 15min, true},
    {"GET /2/users/:id/tweets", 900, 15min, true},
    {"GET /2/tweets", 5'000, 15min, false},
    {"GET /2/users/me", 75, 15min, false},
    {"GET /2/users/by/username/:name", 900, 15min, false},
    {"GET /2/dm_events", 15, 15min, true},
    {"GET /2/dm_conversations/:id/dm_events", 15, 15min, true},
    {"GET /2/dm_conversations/with/:id/dm_events", 15, 15min, true},
    {"POST /2/tweets", 100, 15min, false},
    {"DELETE /2/tweets/:id", 50, 15min, false},
    {"PUT /2/tweets/:id/hidden", 50, 15min, false},
    {"POST /2/dm_conversations/:id/messages", 15, 15min, false},
    {"POST /2/dm_conversations/:id/messages", 1'440, 24h, false},
    {"POST /2/dm_conversations/with/:id/messages", 15, 15min, false},
    {"POST /2/dm_conversations/with/:id/messages", 1'440, 24h, false},
};

std::string_view name_of(base::Duration window)
{
    return window > 1h ? "24 h" : "15 min";
}

bool is_id_segment(std::string_view segment)
{
    return !segment.empty() && segment.find_first_not_of("0123456789-") == std::string_view::npos;
}

bool holds(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

/// Whether X could see an address in it: a dot or a colon between two things that are no blanks.
bool may_hold_url(std::string_view text)
{
    for (auto dot = text.find_first_of(".:"); dot != std::string_view::npos; dot = text.find_first_of(".:", dot + 1)) {
        const bool inside = dot > 0 && dot + 1 < text.size();
        if (inside && text[dot - 1] != ' ' && text[dot + 1] != ' ' && text[dot + 1] != '"' && text[dot - 1] != '"') return true;
    }
    return false;
}

} // namespace

std::string endpoint_of(http::Method method, std::string_view path)
{
    std::string name = std::string(http::to_string(method)) + " /2";
    bool after_username = false;
    for (std::size_t from = 1; from < path.size();) {
        const auto to = std::min(path.find('/', from), path.size());
        const std::string_view segment = path.substr(from, to - from);
        name += '/';
        name += after_username ? std::string_view(":name") : is_id_segment(segment) ? std::string_view(":id") : segment;
        after_username = segment == "username";
        from = to + 1;
    }
    return name;
}

void expect_limits(domain::CallBudget& budget)
{
    for (const Limit& limit : limits) {
        budget.expect(limit.endpoint, name_of(limit.window), limit.calls, limit.window, limit.kept_for_answers);
    }
}

void learn_limits(domain::CallBudget& budget, const std::string& endpoint, const http::Headers& headers, Instant now)
{
    struct Group {
        const char* header;
        const char* window;
        base::Duration length;
    };
    constexpr std::array groups{Group{"x-rate-limit-", "15 min", 15min}, Group{"x-user-limit-24hour-", "24 h", 24h},
                                Group{"x-app-limit-24hour-", "24 h of the app", 24h}};
    for (const Group& group : groups) {
        const std::string prefix = group.header;
        const auto limit = number_in(headers, prefix + "limit");
        const auto remaining = number_in(headers, prefix + "remaining");
        const auto reset = number_in(headers, prefix + "reset");
        if (!limit || !remaining || !reset) continue;
        const bool kept = std::any_of(std::begin(limits), std::end(limits),
                                      [&](const Limit& known) { return known.endpoint == endpoint && known.kept_for_answers; });
        budget.expect(endpoint, group.window, *limit, group.length, kept);
        const Instant resets_at(std::chrono::seconds(std::clamp<std::int64_t>(*reset, 0, 253'402'300'799)));
        budget.told(endpoint, group.window, *limit, *remaining, resets_at, now);
    }
}

MicroDollars Prices::of_a_post(std::string_view endpoint) const
{
    const bool owned = owned_reads_ && (endpoint == "GET /2/users/:id/mentions" || endpoint == "GET /2/users/:id/tweets");
    return owned ? owned_read : post_read;
}

MicroDollars Prices::of_a_row(std::string_view endpoint) const
{
    if (!endpoint.starts_with("GET ")) return 0;
    if (holds(endpoint, "dm_")) return message_read + user_read;
    if (endpoint.starts_with("GET /2/users/") && !endpoint.ends_with("/mentions") && !endpoint.ends_with("/tweets")) return user_read;
    if (holds(endpoint, "/tweets") || holds(endpoint, "/mentions")) return of_a_post(endpoint) + user_read + post_read;
    return 0;
}

MicroDollars Prices::of_ids(std::string_view endpoint, std::string_view ids, Instant now) const
{
    const bool another_day = std::chrono::floor<std::chrono::days>(now) != day_;
    MicroDollars price = 0;
    for (std::size_t from = 0; from < ids.size();) {
        const auto to = std::min(ids.find(',', from), ids.size());
        if (another_day || !paid_.contains("p" + std::string(ids.substr(from, to - from)))) price += of_a_row(endpoint);
        from = to + 1;
    }
    return price;
}

MicroDollars Prices::of_a_write(http::Method method, std::string_view endpoint, std::string_view body)
{
    if (method == http::Method::get) return 0;
    if (endpoint == "POST /2/tweets") return may_hold_url(body) ? post_create_with_url : post_create;
    if (holds(endpoint, "/messages")) return message_create;
    if (method == http::Method::del || endpoint.ends_with("/hidden")) return removal;
    return 0; // media are free
}

MicroDollars Prices::of_an_answer(std::string_view endpoint, const Json& body, Instant now)
{
    const auto today = std::chrono::floor<std::chrono::days>(now);
    if (today != day_ || paid_.size() > most_remembered) paid_.clear();
    day_ = today;
    const Json& data = member(body, "data");
    const Json& includes = member(body, "includes");
    MicroDollars cost = once(member(includes, "users"), 'u', user_read);
    if (holds(endpoint, "dm_")) cost += once(data, 'd', message_read);
    else if (of_a_row(endpoint) == user_read) cost += once(data, 'u', user_read);
    else if (of_a_row(endpoint) > 0) cost += once(data, 'p', of_a_post(endpoint));
    for (const char* posts : {"tweets", "posts"}) cost += once(member(includes, posts), 'p', post_read);
    return cost;
}

MicroDollars Prices::once(const Json& objects, char kind, MicroDollars price)
{
    MicroDollars cost = 0;
    const auto pay = [&](const Json& object) {
        if (paid_.insert(kind + id_of(member(object, "id"))).second) cost += price;
    };
    if (objects.is_object()) pay(objects);
    else
        for (const Json& object : elements(objects)) pay(object);
    return cost;
}

} // namespace sportello::connectors::twitter
