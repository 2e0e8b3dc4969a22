#include "reader.hpp"

#include "ids.hpp"
#include "problems.hpp"

#include <algorithm>

namespace sportello::connectors::twitter {
namespace {

using State = ChannelTrouble::State;
using namespace std::chrono_literals;

constexpr int calls_a_poll = 10;
/// X serves 800 mentions and 3,200 own posts at most; more pages than this are a loop.
constexpr std::int64_t pages_a_round = 40;
/// since_id is known to skip what became visible late: once a day a list is read to its end.
constexpr auto whole_every = 24h;
/// A list that the app may not read is asked again after this, in case somebody has given the permission.
constexpr auto rest_of_a_refused_list = 5min;
/// Mentions miss answers from which our name was taken out, quotes, and what becomes visible late. A search finds them;
/// it is dear, and so asked less often.
constexpr auto search_every = 10min;
/// Search knows seven days, and refuses an id from before.
constexpr auto reach_of_search = 7 * 24h - 10min;
constexpr auto first_search = 24h;
/// An answer that is no JSON may be one of a bad moment; after so many in a row it is kept and counted.
constexpr int unreadable_answers = 2;
constexpr std::size_t parents_a_call = 100;
constexpr std::size_t parents_remembered = 20'000;

bool holds_floor(const Translated& page, const std::string& floor)
{
    return std::any_of(page.items.begin(), page.items.end(), [&](const auto& item) { return !id_less(floor, item.platform_id); });
}

/// "… must be a tweet id created after … larger than <id>": the id; empty when the words are others.
std::string least_id(const std::string& words)
{
    constexpr std::string_view before = "larger than ";
    const auto found = words.find(before);
    if (found == std::string::npos) return {};
    const auto begin = words.find_first_of("0123456789", found);
    if (begin == std::string::npos) return {};
    std::string id = words.substr(begin, words.find_first_not_of("0123456789", begin) - begin);
    return is_id(id) && time_of_id(id) ? id : std::string();
}

std::string newest_id(const Json& page)
{
    std::string newest = id_of(member(member(page, "meta"), "newest_id"));
    for (const Json& one : elements(member(page, "data"))) {
        if (std::string id = id_of(member(one, "id")); id_less(newest, id)) newest = std::move(id);
    }
    return is_id(newest) ? newest : std::string();
}

} // namespace

void ask_for_posts(http::Parameters& query)
{
    query.add("tweet.fields", "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,"
                              "in_reply_to_user_id,note_tweet,referenced_tweets");
    query.add("expansions", "author_id,attachments.media_keys,attachments.poll_ids,referenced_tweets.id,referenced_tweets.id.author_id");
    query.add("poll.fields", "id,options");
    query.add("user.fields", "name,username");
    query.add("media.fields", "alt_text,media_key,preview_image_url,type,url,variants");
}

void ask_for_direct_messages(http::Parameters& query)
{
    query.add("dm_event.fields", "attachments,created_at,dm_conversation_id,entities,event_type,id,referenced_tweets,sender_id,text");
    query.add("expansions", "sender_id,attachments.media_keys,referenced_tweets.id");
    query.add("user.fields", "name,username");
    query.add("media.fields", "alt_text,media_key,preview_image_url,type,url,variants");
    query.add("event_types", "MessageCreate");
}

boost::asio::awaitable<PollResult> Reader::poll(std::string cursor_text)
{
    PollResult result;
    const Cursor before = read_cursor(cursor_text);
    Cursor cursor = before;
    const bool came_back = delivered_.begin(cursor.step);
    result.cursor = cursor_text;
    account_.remember(cursor.self, cursor.fingerprint);
    result.trouble = co_await account_.identify();
    if (result.trouble.state != State::ok) co_return result;
    cursor.self = account_.id();
    cursor.fingerprint = api_.token_fingerprint();

    int calls_left = calls_a_poll;
    for (std::size_t turn = 0; turn < std::size(feeds_) && result.trouble.state == State::ok; ++turn) {
        co_await read_feed(feeds_[(first_ + turn) % std::size(feeds_)], cursor, calls_left, result);
    }
    if (result.trouble.state == State::ok && calls_left > 0) co_await look_up_parents(calls_left, result);
    report_lists(result);

    delivered_.keep_news(result.items);
    delivered_.keep_news(result.rejected);
    // X tells whole seconds; within one, the ids tell who was first.
    std::stable_sort(result.items.begin(), result.items.end(),
                     [](const auto& a, const auto& b) { return a.at != b.at ? a.at < b.at : id_less(a.platform_id, b.platform_id); });
    if (came_back && result.items.empty() && result.rejected.empty() && cursor == before) co_return result;
    cursor.step = delivered_.finish(api_.now());
    result.cursor = write_cursor(cursor);
    co_return result;
}

boost::asio::awaitable<void> Reader::read_feed(Feed& feed, Cursor& cursor, int& calls_left, PollResult& result)
{
    FeedMark& mark = cursor.*feed.mark;
    while (feed.pace.open(api_.now())) {
        if (calls_left == 0) {
            if (!result.more) first_ = static_cast<std::size_t>(&feed - feeds_); // the next poll begins where this one ends
            result.more = true;
            co_return;
        }
        --calls_left;
        if (mark.pages == 0) begin_round(feed, mark);
        const Answer answer = co_await ask(feed, mark);
        feed.pace.learn(answer, api_.now());
        if (answer.success() && (!answer.body || !member(*answer.body, "meta").is_object())) {
            take_unreadable(feed, mark, answer, result);
            co_return;
        }
        if (!answer.success()) {
            take_failure(feed, mark, answer, result);
            co_return;
        }
        feed.trouble = {};
        feed.unreadable = 0;
        take_page(feed, mark, *answer.body, result);
        if (mark.pages == 0) {
            if (feed.mark == &Cursor::search && feed.pace.open(api_.now())) feed.pace.rest_until(api_.now() + search_every);
            co_return;
        }
    }
}

void Reader::begin_round(const Feed& feed, FeedMark& mark) const
{
    const auto newest = time_of_id(mark.since);
    if (feed.mark == &Cursor::search) {
        const auto wanted = newest ? *newest - overlap_ : api_.now() - first_search;
        mark.floor = first_id_at(std::max<Instant>(wanted, api_.now() - reach_of_search));
        mark.newest.clear();
        mark.token.clear();
        return;
    }
    const bool whole = !newest || api_.now() - mark.whole_at >= whole_every;
    mark.floor = whole ? std::string() : first_id_at(*newest - overlap_);
    mark.newest.clear();
    mark.token.clear();
}

boost::asio::awaitable<Answer> Reader::ask(const Feed& feed, const FeedMark& mark)
{
    const bool messages = feed.mark == &Cursor::messages;
    http::Parameters query;
    query.add("max_results", "100");
    // Direct messages know no since_id: take_page() sees where the floor is reached.
    if (!messages && !mark.floor.empty()) query.add("since_id", mark.floor);
    if (!mark.token.empty()) query.add("pagination_token", mark.token);
    if (messages) {
        ask_for_direct_messages(query);
        co_return co_await api_.get("/dm_events", std::move(query));
    }
    ask_for_posts(query);
    if (feed.mark == &Cursor::search) {
        query.add("query", search_query());
        co_return co_await api_.get("/tweets/search/recent", std::move(query));
    }
    const bool mentions = feed.mark == &Cursor::mentions;
    std::string path = "/users/" + account_.id() + (mentions ? "/mentions" : "/tweets");
    co_return co_await api_.get(std::move(path), std::move(query));
}

/// What names us, answers us or quotes us, and was written by somebody else.
std::string Reader::search_query() const
{
    const std::string& handle = account_.handle();
    return "(@" + handle + " OR to:" + handle + " OR url:\"x.com/" + handle + "/status\") -from:" + handle + " -is:retweet";
}

void Reader::take_page(const Feed& feed, FeedMark& mark, const Json& page, PollResult& result)
{
    const bool messages = feed.mark == &Cursor::messages;
    const Self self{account_.id(), account_.handle()};
    Translated translated = messages ? translate_direct_messages(page, self) : translate_posts(page, self);
    if (mark.pages == 0) mark.newest = newest_id(page);
    ++mark.pages;

    const std::string next = id_of(member(member(page, "meta"), "next_token"));
    const bool last = next.empty() || next == mark.token || mark.pages >= pages_a_round ||
                      (messages && !mark.floor.empty() && holds_floor(translated, mark.floor));
    if (last) {
        if (id_less(mark.since, mark.newest)) mark.since = mark.newest;
        if (mark.floor.empty()) mark.whole_at = api_.now();
        mark.floor.clear();
        mark.newest.clear();
        mark.token.clear();
        mark.pages = 0;
    } else {
        mark.token = next;
    }
    if (!messages) take_parents(translate_parents(page, self), result);
    std::move(translated.items.begin(), translated.items.end(), std::back_inserter(result.items));
    std::move(translated.rejected.begin(), translated.rejected.end(), std::back_inserter(result.rejected));
}

void Reader::take_parents(Parents parents, PollResult& result)
{
    std::move(parents.items.begin(), parents.items.end(), std::back_inserter(result.items));
    for (auto& id : parents.unknown) {
        if (!asked_parents_.contains(id)) unknown_parents_.insert(std::move(id));
    }
}

/// One call for the posts that others answer and that came with none of them, the newest first.
boost::asio::awaitable<void> Reader::look_up_parents(int& calls_left, PollResult& result)
{
    for (const auto& item : result.items) unknown_parents_.erase(item.platform_id);
    if (unknown_parents_.empty()) co_return;
    --calls_left;
    std::vector<std::string> wanted(unknown_parents_.begin(), unknown_parents_.end());
    std::sort(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return id_less(b, a); });
    wanted.resize(std::min(wanted.size(), parents_a_call));
    std::string ids;
    for (const auto& id : wanted) ids += (ids.empty() ? "" : ",") + id;
    http::Parameters query;
    query.add("ids", std::move(ids));
    ask_for_posts(query);
    const Answer answer = co_await api_.get("/tweets", std::move(query));
    if (!answer.success() || !answer.body) co_return; // nobody waits for a parent (I4): asked again by the next poll
    if (asked_parents_.size() > parents_remembered) asked_parents_.clear();
    for (const auto& id : wanted) {
        unknown_parents_.erase(id);
        asked_parents_.insert(id);
    }
    take_parents(translate_as_parents(*answer.body, {account_.id(), account_.handle()}), result);
}

/// An answer that is none is kept and counted; the list is asked again, and the other lists go on.
void Reader::take_unreadable(Feed& feed, FeedMark& mark, const Answer& answer, PollResult& result)
{
    const Json shown = answer.body ? *answer.body : Json(answer.raw);
    feed.trouble = {
        State::unavailable, std::string("Reading ") + feed.name + ": X answered something that cannot be read; tried again by itself", {}};
    if (++feed.unreadable < unreadable_answers) {
        result.more = true;
        return;
    }
    result.rejected.push_back({{}, std::string("an answer that cannot be read, of ") + feed.name, scrubbed(shown)});
    // Perhaps it is this page alone: the round begins anew, at the newest.
    mark.pages = 0;
}

void Reader::take_failure(Feed& feed, FeedMark& mark, const Answer& answer, PollResult& result)
{
    // A token that died or a since_id too old for this endpoint: the round begins again, and reads everything. A search
    // tells from where on it may be asked.
    if (answer.status == 400 && feed.mark == &Cursor::search) {
        const std::string least = least_id(problem_of(answer.json()).detail);
        if (mark.token.empty() && (least.empty() || !id_less(mark.floor, least))) {
            feed.pace.rest_until(api_.now() + search_every);
        } else {
            mark = FeedMark{};
            if (!least.empty()) mark.since = first_id_at(*time_of_id(least) + overlap_ + 1min);
            result.more = true;
            return;
        }
    } else if (answer.status == 400 && (!mark.token.empty() || !mark.floor.empty())) {
        mark = FeedMark{};
        result.more = true;
        return;
    }
    ChannelTrouble trouble = trouble_of_read(answer, api_.now());
    trouble.reason = std::string("Reading ") + feed.name + ": " + trouble.reason;
    // What concerns one list only must not silence the others.
    const bool this_list_only = trouble.state == State::misconfigured || trouble.state == State::rate_limited;
    if (!this_list_only) {
        result.trouble = std::move(trouble);
        return;
    }
    if (trouble.state == State::misconfigured) feed.pace.rest_until(api_.now() + rest_of_a_refused_list);
    feed.trouble = std::move(trouble);
}

/// A list that cannot be read is told; the channel as a whole waits only when every list of it must.
void Reader::report_lists(PollResult& result)
{
    if (result.trouble.state != State::ok) return;
    const bool all_limited = std::all_of(std::begin(feeds_), std::end(feeds_), [](const Feed& feed) {
        return feed.trouble.state == State::rate_limited && feed.trouble.not_before.has_value();
    });
    for (const Feed& feed : feeds_) {
        if (feed.trouble.state == State::ok) continue;
        if (result.trouble.state == State::ok) result.trouble = {feed.trouble.state, feed.trouble.reason, {}};
        if (all_limited)
            result.trouble.not_before = std::min(result.trouble.not_before.value_or(*feed.trouble.not_before), *feed.trouble.not_before);
    }
}

} // namespace sportello::connectors::twitter
