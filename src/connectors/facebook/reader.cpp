#include "reader.hpp"

#include <algorithm>
#include <utility>

namespace sportello::connectors::facebook {
namespace {

using State = ChannelTrouble::State;
using namespace std::chrono_literals;

constexpr int calls_a_poll = 10;
/// More pages of one edge than this in one round are a loop.
constexpr int pages_a_round = 400;
constexpr int conversation_page = 25;
/// A round that has stood still for longer begins anew: its paging links are dead.
constexpr auto round_lives = 10min;
/// The feed is in the order of writing, so a new comment under an old post shows only when old posts are looked
/// through.
constexpr auto old_posts_every = 5min;
constexpr int old_posts_pages = 10;
constexpr auto whole_every = 24h;
constexpr auto rest_of_refused_messages = 5min;

std::optional<Instant> later(std::optional<Instant> a, std::optional<Instant> b)
{
    return !a || (b && *b > *a) ? b : a;
}

bool reached(std::optional<Instant> at, std::optional<Instant> floor)
{
    return floor && at && *at < *floor;
}

/// The time of an edge's last row when its rows are in falling order; nothing when they are not (ranked comments),
/// since then what is old says nothing about what follows.
std::optional<Instant> oldest_of_falling(const Json& rows)
{
    std::optional<Instant> last;
    for (const Json& row : elements(rows)) {
        const auto at = instant_of(member(row, "created_time"));
        if (!at || (last && *at > *last)) return std::nullopt;
        last = at;
    }
    return last;
}

std::optional<Instant> activity_of(const Json& row)
{
    return later(instant_of(member(row, "created_time")), instant_of(member(row, "updated_time")));
}

} // namespace

Marks read_marks(const std::string& cursor)
{
    Marks marks;
    const auto value = parse_json(cursor);
    if (!value) return marks;
    const auto instant = [&](std::string_view name) -> std::optional<Instant> {
        const auto micros = integer_of(member(*value, name));
        if (!micros) return std::nullopt;
        return base::from_micros(*micros);
    };
    marks.step = static_cast<std::uint64_t>(integer_of(member(*value, "step")).value_or(0));
    marks.feed = instant("feed");
    marks.thread = instant("thread");
    marks.whole_at = instant("whole_at").value_or(Instant{});
    return marks;
}

std::string write_marks(const Marks& marks)
{
    Json value{{"step", marks.step}, {"whole_at", base::to_micros(marks.whole_at)}};
    if (marks.feed) value["feed"] = base::to_micros(*marks.feed);
    if (marks.thread) value["thread"] = base::to_micros(*marks.thread);
    return value.dump();
}

boost::asio::awaitable<PollResult> Reader::poll(std::string cursor)
{
    PollResult result;
    result.cursor = cursor;
    if (graph_.now() < not_before_) {
        result.trouble = limit_;
        co_return result;
    }
    limit_ = {};
    result.trouble = co_await page_.verify();
    if (result.trouble.state != State::ok) co_return result;

    const Marks before = read_marks(cursor);
    Marks marks = before;
    const bool came_back = delivered_.begin(marks.step);
    if (!came_back || (round_ && graph_.now() - round_->begun > round_lives)) round_.reset();
    if (!round_) begin_round(marks);

    Collected out;
    for (int calls_left = calls_a_poll; calls_left > 0 && !round_->calls.empty(); --calls_left) {
        Call call = round_->calls.front();
        const Answer answer = co_await ask(call);
        slow_down(answer);
        if (answer.success() && answer.body && error_of(*answer.body).code == 0) {
            round_->calls.pop_front();
            take(call, *answer.body, out);
        } else if (!take_failure(call, answer, result)) {
            break;
        }
    }
    if (round_ && round_->calls.empty()) end_round(marks);
    result.more = round_.has_value() && result.trouble.state == State::ok && graph_.now() >= not_before_;
    if (result.trouble.state == State::ok) result.trouble = messages_trouble_;

    result.items = std::move(out.items);
    result.rejected = std::move(out.rejected);
    delivered_.keep_news(result.items);
    delivered_.keep_news(result.rejected);
    // Graph tells whole seconds and its lists begin with the newest: within one second, a post stands before its comments,
    // and what was listed last was written first.
    std::reverse(result.items.begin(), result.items.end());
    std::stable_sort(result.items.begin(), result.items.end(), [](const auto& a, const auto& b) {
        return std::pair(a.at, a.platform_id != a.root_id) < std::pair(b.at, b.platform_id != b.root_id);
    });
    if (came_back && !round_ && result.items.empty() && result.rejected.empty() && marks == before) co_return result;
    marks.step = delivered_.finish();
    result.cursor = write_marks(marks);
    co_return result;
}

void Reader::begin_round(const Marks& marks)
{
    const Instant now = graph_.now();
    Round round;
    round.begun = now;
    const bool whole = !marks.feed || now - marks.whole_at >= whole_every;
    if (!whole) round.feed_floor = *marks.feed - overlap_;
    if (marks.thread) round.thread_floor = *marks.thread - overlap_;
    round.calls.push_back({What::feed});
    round.looks_at_old_posts = !whole && now - old_posts_at_ >= old_posts_every;
    if (round.looks_at_old_posts) round.calls.push_back({What::old_posts});
    if (now >= messages_at_) {
        messages_trouble_ = {};
        round.calls.push_back({What::conversations});
    }
    round_ = std::move(round);
}

void Reader::end_round(Marks& marks)
{
    marks.feed = later(marks.feed, round_->feed_newest);
    marks.thread = later(marks.thread, round_->thread_newest);
    if (!round_->feed_floor) marks.whole_at = graph_.now();
    if (round_->looks_at_old_posts) old_posts_at_ = graph_.now();
    round_.reset();
}

boost::asio::awaitable<Answer> Reader::ask(Call call)
{
    if (!call.link.empty()) co_return co_await graph_.follow(call.link);
    http::Parameters query;
    std::string path = "/" + account_ + "/feed";
    switch (call.what) {
    case What::feed:
        query.add("fields", post_fields_with_comments(page_size_));
        query.add("limit", std::to_string(page_size_));
        break;
    case What::old_posts:
        query.add("fields", "id,created_time,updated_time");
        query.add("limit", "100");
        break;
    case What::post:
        path = "/" + call.subject;
        query.add("fields", post_fields_with_comments(page_size_));
        break;
    case What::conversations:
        path = "/" + account_ + "/conversations";
        query.add("platform", "messenger");
        query.add("fields", conversation_fields(page_size_));
        query.add("limit", std::to_string(std::min(conversation_page, page_size_)));
        break;
    case What::comments:
        [[fallthrough]];
    case What::messages:
        break; // these begin with a link that came with their subject
    }
    co_return co_await graph_.get(std::move(path), std::move(query));
}

void Reader::take(const Call& call, const Json& body, Collected& out)
{
    switch (call.what) {
    case What::feed:
        return take_feed(call, body, out);
    case What::old_posts:
        return take_old_posts(call, body);
    case What::post:
        return take_post(body, out);
    case What::comments:
        return take_comments(call, body, out);
    case What::conversations:
        return take_conversations(call, body, out);
    case What::messages:
        return take_messages(call, body, out);
    }
}

/// Queues the next page of the same edge, first, so that an edge is read in one go.
void Reader::follow(const Call& call, const Json& edge)
{
    std::string link = next_link(edge);
    if (link.empty() || link == call.link || call.pages + 1 >= pages_a_round) return;
    Call next = call;
    next.link = std::move(link);
    ++next.pages;
    round_->calls.push_front(std::move(next));
}

void Reader::take_feed(const Call& call, const Json& body, Collected& out)
{
    const Json& rows = elements(member(body, "data"));
    bool all_old = !rows.empty();
    for (const Json& row : rows) {
        if (!reached(activity_of(row), round_->feed_floor)) all_old = false;
    }
    if (!all_old) follow(call, body);
    for (const Json& row : rows) take_post(row, out);
}

void Reader::take_old_posts(const Call& call, const Json& body)
{
    if (call.pages + 1 < old_posts_pages) follow(call, body);
    for (const Json& row : elements(member(body, "data"))) {
        const std::string id = id_of(member(row, "id"));
        const auto active = activity_of(row);
        if (id.empty() || !active || reached(active, round_->feed_floor) || round_->posts.contains(id)) continue;
        round_->posts.emplace(id, true);
        round_->calls.push_back({What::post, {}, id});
    }
}

void Reader::take_post(const Json& row, Collected& out)
{
    const std::string id = translator_.post(row, out);
    if (id.empty()) return;
    round_->posts.emplace(id, true);
    round_->feed_newest = later(round_->feed_newest, activity_of(row));
    const Call comments{What::comments, {}, id};
    take_comments(comments, member(row, "comments"), out);
}

void Reader::take_comments(const Call& call, const Json& edge, Collected& out)
{
    const Json& rows = member(edge, "data");
    for (const Json& row : elements(rows)) {
        translator_.comment(row, call.subject, out);
        round_->feed_newest = later(round_->feed_newest, instant_of(member(row, "created_time")));
    }
    if (!reached(oldest_of_falling(rows), round_->feed_floor)) follow(call, edge);
}

void Reader::take_conversations(const Call& call, const Json& body, Collected& out)
{
    const Json& rows = elements(member(body, "data"));
    bool all_old = !rows.empty();
    for (const Json& row : rows) {
        if (!reached(instant_of(member(row, "updated_time")), round_->thread_floor)) all_old = false;
    }
    if (!all_old) follow(call, body);
    for (const Json& row : rows) {
        const std::string id = id_of(member(row, "id"));
        if (id.empty()) {
            out.rejected.push_back({{}, "a conversation without id", scrubbed(row)});
            continue;
        }
        round_->thread_newest = later(round_->thread_newest, instant_of(member(row, "updated_time")));
        const Call messages{What::messages, {}, id, translator_.person_of(row)};
        take_messages(messages, member(row, "messages"), out);
    }
}

void Reader::take_messages(const Call& call, const Json& edge, Collected& out)
{
    const Json& rows = member(edge, "data");
    for (const Json& row : elements(rows)) translator_.message(row, call.subject, call.person, out);
    if (!reached(oldest_of_falling(rows), round_->thread_floor)) follow(call, edge);
}

bool Reader::take_failure(const Call& call, const Answer& answer, PollResult& result)
{
    const GraphError error = error_of(answer.json());
    if (asks_for_less(error) && page_size_ > 1) {
        page_size_ /= 2;
        round_.reset(); // links repeat the size they were made with
        begin_round(read_marks(result.cursor));
        return true;
    }
    const bool part_of_something = call.what == What::post || !call.link.empty();
    if (part_of_something && concerns_one_object(error)) {
        round_->calls.pop_front();
        return true;
    }
    ChannelTrouble trouble = trouble_of_read(answer, graph_.now());
    const bool private_side = call.what == What::conversations || call.what == What::messages;
    if (private_side && trouble.state == State::misconfigured) {
        // A Page without the Messenger permission still has its posts and comments.
        messages_trouble_ = std::move(trouble);
        messages_trouble_.reason = "Messenger conversations: " + messages_trouble_.reason;
        messages_at_ = graph_.now() + rest_of_refused_messages;
        round_->thread_newest.reset(); // not all was read: the mark stays
        std::erase_if(round_->calls, [](const Call& one) { return one.what == What::conversations || one.what == What::messages; });
        return true;
    }
    if (trouble.state == State::misconfigured) round_.reset(); // the same call would fail for ever
    if (trouble.not_before) {
        not_before_ = *trouble.not_before;
        limit_ = trouble;
    }
    result.trouble = std::move(trouble);
    return false;
}

/// From three quarters of the quota on, the time between polls grows; replies are not held back by it.
void Reader::slow_down(const Answer& answer)
{
    const Instant now = graph_.now();
    const auto percent = usage_percent(answer.headers);
    if (percent >= 95) {
        not_before_ = access_regained_at(answer.headers, now).value_or(now + 5min);
    } else if (percent >= 75) {
        not_before_ = now + std::chrono::seconds(3 * (percent - 70));
    }
}

} // namespace sportello::connectors::facebook
