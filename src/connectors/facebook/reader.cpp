#include "reader.hpp"

#include <algorithm>
#include <utility>

namespace sportello::connectors::facebook {
namespace {

using State = ChannelTrouble::State;
using namespace std::chrono_literals;

constexpr int calls_a_poll = 10;
/// More pages of one edge than this in one round are a loop, and so are these many in a row without anything new.
constexpr int pages_a_round = 400;
constexpr int barren_pages = 20;
constexpr int largest_page = 25;
constexpr std::size_t posts_a_call = 25;
/// A round that has stood still for longer begins anew: its paging links are dead.
constexpr auto round_lives = 10min;
/// The feed is in the order of writing and leaves posts out, so a new comment under an old post shows only when the
/// complete lists are looked through.
constexpr auto wide_every = 5min;
constexpr int wide_pages = 10;
constexpr auto whole_every = 24h;
constexpr auto rest_of_what_is_left_out = 5min;
/// An answer that is no JSON may be one of a bad moment; after so many it is the answer.
constexpr int unreadable_answers = 2;

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

const Json& rows_of(const Json& edge)
{
    return elements(member(edge, "data"));
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
    if (graph_.now() < std::max(not_before_, graph_.reads_from())) {
        result.trouble = limit_;
        co_return result;
    }
    limit_ = {};
    result.trouble = graph_.refusal();
    if (result.trouble.state != State::ok) co_return result;
    result.trouble = co_await page_.verify();
    if (result.trouble.state != State::ok) co_return result;

    const Marks before = read_marks(cursor);
    Marks marks = before;
    const bool came_back = delivered_.begin(marks.step);
    if (!came_back || (round_ && graph_.now() - round_->begun > round_lives)) round_.reset();
    if (!round_) begin_round(marks);

    Collected out;
    for (int calls_left = calls_a_poll; calls_left > 0 && round_ && !round_->calls.empty(); --calls_left) {
        const Call& next = round_->calls.front();
        const Answer answer = co_await ask(next);
        slow_down(answer);
        if (answer.success() && answer.body && error_of(*answer.body).code == 0) {
            Call call = std::move(round_->calls.front());
            round_->calls.pop_front();
            take(std::move(call), *answer.body, out);
        } else if (!take_failure(answer, result)) {
            break;
        }
    }
    if (round_ && round_->calls.empty()) end_round(marks);
    result.more = round_.has_value() && result.trouble.state == State::ok && graph_.now() >= std::max(not_before_, graph_.reads_from());
    if (result.trouble.state == State::ok && !left_out_.empty()) result.trouble = left_out_.begin()->second;
    if (result.trouble.state == State::ok) result.trouble.reason = graph_.notice();

    result.items = std::move(out.items);
    std::move(out.rejected.begin(), out.rejected.end(), std::back_inserter(result.rejected));
    delivered_.keep_news(result.items);
    delivered_.keep_news(result.rejected);
    // Graph tells whole seconds and its lists begin with the newest: within one second, a post stands before its comments,
    // and what was listed last was written first.
    std::reverse(result.items.begin(), result.items.end());
    std::stable_sort(result.items.begin(), result.items.end(), [](const auto& a, const auto& b) {
        return std::pair(a.at, a.platform_id != a.root_id) < std::pair(b.at, b.platform_id != b.root_id);
    });
    if (came_back && !round_ && result.items.empty() && result.rejected.empty() && marks == before) co_return result;
    marks.step = delivered_.finish(graph_.now());
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
    if (now >= left_out_until_) left_out_.clear();
    const auto add = [&](What what) {
        if (!left_out_.contains(what)) round.calls.push_back({what});
    };
    add(What::feed);
    add(What::conversations);
    round.looks_wide = whole || now - wide_at_ >= wide_every;
    if (round.looks_wide) {
        for (const What list : {What::own_posts, What::visitor_posts, What::tagged}) add(list);
    }
    round_ = std::move(round);
}

void Reader::end_round(Marks& marks)
{
    if (!round_->feed_gap) {
        marks.feed = later(marks.feed, round_->feed_newest);
        if (!round_->feed_floor) marks.whole_at = graph_.now();
    }
    if (!round_->thread_gap) marks.thread = later(marks.thread, round_->thread_newest);
    if (round_->looks_wide) wide_at_ = graph_.now();
    page_size_ = std::min(largest_page, page_size_ * 2); // what was too much once need not be for ever
    round_.reset();
}

boost::asio::awaitable<Answer> Reader::ask(Call call)
{
    if (!call.link.empty()) co_return co_await graph_.follow(call.link);
    http::Parameters query;
    std::string path = "/" + account_;
    const auto list = [&](const char* edge, std::string fields, int limit) {
        path += edge;
        query.add("fields", std::move(fields));
        query.add("limit", std::to_string(limit));
        if (call.what != What::conversations) query.add("include_hidden", "true");
    };
    switch (call.what) {
    case What::feed:
        list("/feed", post_fields_with_comments(page_size_), page_size_);
        break;
    case What::own_posts:
        list("/published_posts", "id,created_time,updated_time", 4 * page_size_);
        break;
    case What::visitor_posts:
        list("/visitor_posts", "id,created_time,updated_time", 4 * page_size_);
        break;
    case What::tagged: // these lie with other people, where their ids alone may lead nowhere
        list("/tagged", post_fields_with_comments(page_size_), page_size_);
        break;
    case What::posts: {
        path = "/";
        std::string ids;
        for (const auto& id : call.ids) ids += (ids.empty() ? "" : ",") + id;
        query.add("ids", std::move(ids));
        query.add("fields", post_fields_with_comments(page_size_));
        break;
    }
    case What::conversations:
        list("/conversations", conversation_fields(page_size_), page_size_);
        query.add("platform", "messenger");
        break;
    case What::comments:
        [[fallthrough]];
    case What::messages:
        break; // these begin with a link that came with their subject
    }
    co_return co_await graph_.get(std::move(path), std::move(query));
}

void Reader::take(Call call, const Json& body, Collected& out)
{
    call.failures = 0;
    if (call.what == What::posts) return take_posts(call, body, out);
    if (!member(body, "data").is_array()) {
        out.rejected.push_back({{}, "a list without rows", scrubbed(body)});
        return;
    }
    if (has_news(rows_of(body))) call.barren = 0;
    else ++call.barren;
    switch (call.what) {
    case What::feed:
    case What::tagged:
        return take_feed(call, body, out);
    case What::own_posts:
    case What::visitor_posts:
        return take_list(call, body);
    case What::comments:
        return take_comments(std::move(call), body, out);
    case What::conversations:
        return take_conversations(call, body, out);
    case What::messages:
        return take_messages(std::move(call), body, out);
    case What::posts:
        break;
    }
}

/// Whether one of the rows was not seen in this round before.
bool Reader::has_news(const Json& rows)
{
    bool news = false;
    for (const Json& row : rows) {
        const Json& id = member(row, "id");
        news = round_->rows
                   .insert(std::hash<std::string>{}(id.is_null() ? row.dump(-1, ' ', true, Json::error_handler_t::replace) : id_of(id)))
                   .second ||
               news;
    }
    return news;
}

/// Queues the next page of the same edge, first, so that an edge is read in one go.
void Reader::follow(const Call& call, const Json& edge)
{
    std::string link = next_link(edge);
    if (link.empty() || call.pages + 1 >= pages_a_round || call.barren >= barren_pages) return;
    if (!round_->links.insert(std::hash<std::string>{}(link)).second) return; // a circle
    Call next = call;
    next.link = std::move(link);
    ++next.pages;
    round_->calls.push_front(std::move(next));
}

void Reader::take_feed(const Call& call, const Json& body, Collected& out)
{
    const Json& rows = rows_of(body);
    const bool all_old = !rows.empty() && std::all_of(rows.begin(), rows.end(),
                                                      [&](const Json& row) { return reached(activity_of(row), round_->feed_floor); });
    if (!all_old) follow(call, body);
    for (const Json& row : rows) take_post(row, out);
}

void Reader::take_list(const Call& call, const Json& body)
{
    if (!round_->feed_floor || call.pages + 1 < wide_pages) follow(call, body);
    std::vector<std::string> ids;
    for (const Json& row : rows_of(body)) {
        std::string id = id_of(member(row, "id"));
        const auto active = activity_of(row);
        if (id.empty() || id.find(',') != std::string::npos || !active || reached(active, round_->feed_floor)) continue;
        if (round_->posts.insert(id).second) ids.push_back(std::move(id));
    }
    queue_posts(std::move(ids));
}

void Reader::queue_posts(std::vector<std::string> ids)
{
    const std::size_t most = std::min(posts_a_call, static_cast<std::size_t>(page_size_));
    for (std::size_t at = 0; at < ids.size(); at += most) {
        Call call{What::posts};
        for (std::size_t i = at; i < std::min(ids.size(), at + most); ++i) call.ids.push_back(std::move(ids[i]));
        round_->calls.push_back(std::move(call));
    }
}

void Reader::take_posts(const Call& call, const Json& body, Collected& out)
{
    for (const auto& id : call.ids) {
        if (const Json& row = member(body, id); !row.is_null()) take_post(row, out);
    }
}

void Reader::take_post(const Json& row, Collected& out)
{
    const std::string id = translator_.post(row, out);
    if (id.empty()) return;
    round_->posts.insert(id);
    round_->feed_newest = later(round_->feed_newest, activity_of(row));
    Call comments{What::comments, {}, id};
    take_comments(std::move(comments), member(row, "comments"), out);
}

void Reader::take_comments(Call call, const Json& edge, Collected& out)
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
    const Json& rows = rows_of(body);
    const bool all_old = !rows.empty() && std::all_of(rows.begin(), rows.end(), [&](const Json& row) {
        return reached(instant_of(member(row, "updated_time")), round_->thread_floor);
    });
    if (!all_old) follow(call, body);
    for (const Json& row : rows) {
        const std::string id = id_of(member(row, "id"));
        if (id.empty()) {
            out.rejected.push_back({{}, "a conversation without id", scrubbed(row)});
            continue;
        }
        round_->thread_newest = later(round_->thread_newest, instant_of(member(row, "updated_time")));
        const Json& messages = member(row, "messages");
        if (!messages.is_null() && !member(messages, "data").is_array()) {
            out.rejected.push_back({id, "a conversation whose messages are no list", scrubbed(row)});
        }
        Call call_of_messages{What::messages, {}, id, translator_.person_of(row)};
        take_messages(std::move(call_of_messages), messages, out);
    }
}

void Reader::take_messages(Call call, const Json& edge, Collected& out)
{
    const Json& rows = member(edge, "data");
    for (const Json& row : elements(rows)) translator_.message(row, call.subject, call.person, out);
    if (!reached(oldest_of_falling(rows), round_->thread_floor)) follow(call, edge);
}

/// Starts the round again with half as much a page: links repeat the size they were made with.
void Reader::ask_for_less(const std::string& cursor)
{
    page_size_ = std::max(1, page_size_ / 2);
    begin_round(read_marks(cursor));
}

/// Gives one call up for this round, and keeps what it answered.
void Reader::pass_over(const Answer& answer, PollResult& result)
{
    const Call call = std::move(round_->calls.front());
    round_->calls.pop_front();
    // What the feed does not tell, the complete lists do. One post alone holds nothing up: it is tried again every day.
    if (call.what == What::conversations) round_->thread_gap = true;
    if (call.what == What::feed && !round_->looks_wide) round_->feed_gap = true;
    if (call.what == What::own_posts || call.what == What::visitor_posts || call.what == What::tagged) round_->feed_gap = true;
    result.rejected.push_back({call.ids.size() == 1 ? call.ids.front() : call.subject, "an answer that cannot be read",
                               scrubbed(answer.body ? *answer.body : Json(answer.raw))});
}

/// An answer that is none, or one that Facebook finds too much work: asked for less and less, then passed over, so that
/// one item stops neither its neighbours nor the channel.
bool Reader::take_unreadable(const Answer& answer, PollResult& result)
{
    Call& call = round_->calls.front();
    ++call.failures;
    if (answer.success() && call.failures < unreadable_answers) {
        result.trouble = trouble_of_read(answer, graph_.now());
        return false;
    }
    if (call.what == What::posts && call.ids.size() > 1) return split_posts();
    if (page_size_ > 1) {
        const int failures = call.failures;
        ask_for_less(result.cursor);
        round_->calls.front().failures = failures;
        return true;
    }
    pass_over(answer, result);
    return true;
}

/// One bad id fails a whole call: then each half is asked for itself, down to the bad one.
bool Reader::split_posts()
{
    Call call = std::move(round_->calls.front());
    round_->calls.pop_front();
    const auto half = call.ids.begin() + static_cast<std::ptrdiff_t>(call.ids.size() / 2);
    Call rest{What::posts};
    rest.failures = call.failures;
    rest.ids.assign(half, call.ids.end());
    call.ids.erase(half, call.ids.end());
    round_->calls.push_front(std::move(rest));
    round_->calls.push_front(std::move(call));
    return true;
}

void Reader::leave_out(What what, ChannelTrouble trouble)
{
    const auto name = [&] {
        switch (what) {
        case What::own_posts:
            return "The list of the Page's posts: ";
        case What::visitor_posts:
            return "The list of visitors' posts: ";
        case What::tagged:
            return "The list of posts that name the Page: ";
        default:
            return "Messenger conversations: ";
        }
    };
    trouble.reason = name() + trouble.reason;
    left_out_.insert_or_assign(what, std::move(trouble));
    left_out_until_ = graph_.now() + rest_of_what_is_left_out;
    const bool direct = what == What::conversations;
    if (direct) round_->thread_gap = true;
    std::erase_if(round_->calls, [&](const Call& one) { return one.what == what || (direct && one.what == What::messages); });
}

bool Reader::take_failure(const Answer& answer, PollResult& result)
{
    const GraphError error = error_of(answer.json());
    if (asks_for_less(error) || (answer.success() && error.code == 0)) return take_unreadable(answer, result);
    Call& call = round_->calls.front();
    const bool lists = call.what == What::own_posts || call.what == What::visitor_posts || call.what == What::tagged;
    const bool direct = call.what == What::conversations || call.what == What::messages;
    const bool part_of_something = call.what == What::posts || !call.link.empty();
    ChannelTrouble trouble = trouble_of_read(answer, graph_.now());
    if (call.what == What::posts && trouble.state == State::misconfigured) {
        if (call.ids.size() > 1) return split_posts();
        round_->calls.pop_front(); // a post that cannot be read by its id, whatever the reason
        return true;
    }
    if (part_of_something && concerns_one_object(error)) {
        round_->calls.pop_front();
        return true;
    }
    if ((direct || lists) && trouble.state == State::misconfigured) {
        // A Page without the Messenger permission still has its posts and comments.
        leave_out(direct ? What::conversations : call.what, std::move(trouble));
        return true;
    }
    if (!answer.arrived() && answer.request_bytes_left && ++call.failures > 1 && page_size_ > 1) {
        ask_for_less(result.cursor); // too large or too slow an answer looks like this
    } else if (trouble.state == State::misconfigured) {
        round_.reset(); // the same call would fail for ever
    }
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
    const auto percent = page_usage_percent(answer.headers, account_);
    if (percent >= 95) {
        not_before_ = access_regained_at(answer.headers, account_, now).value_or(now + 5min);
    } else if (percent >= 75) {
        not_before_ = now + std::chrono::seconds(3 * (percent - 70));
    }
}

} // namespace sportello::connectors::facebook
