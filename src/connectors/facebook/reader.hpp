#pragma once

#include "../delivered.hpp"
#include "errors.hpp"
#include "graph.hpp"
#include "page.hpp"
#include "translate.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>

namespace sportello::connectors::facebook {

/// How far a Page was read, in the platform's own times; Facebook's paging cursors die too soon to be kept.
struct Marks {
    std::uint64_t step = 0;        ///< see Delivered
    std::optional<Instant> feed;   ///< newest activity under a post seen by the last complete round
    std::optional<Instant> thread; ///< newest activity in a conversation
    Instant whole_at{};            ///< when the feed was last read to its end

    friend bool operator==(const Marks&, const Marks&) = default;
};
/// An unreadable cursor is an empty one: everything is read again, and storage knows what it has.
[[nodiscard]] Marks read_marks(const std::string& cursor);
[[nodiscard]] std::string write_marks(const Marks& marks);

/// Reads what is new on one Page: its posts, those of visitors, those that name it, the comments of all levels, Messenger
/// conversations.
///
/// A round goes from the newest back to the marks less the overlap. It is a queue of calls, each of which may add more;
/// a poll makes at most ten of them. The queue lives in memory: a caller that comes back with another cursor than the
/// last one handed out (a restart, a failed transaction) starts a new round at the old marks.
///
/// Every round reads the feed and the conversations. The feed is ranked and no archive, so that every five minutes the
/// complete lists (the Page's posts, visitors', tagged ones) are looked through as well: for posts that the feed left
/// out, and for old posts under which something new was written. These are then read by their ids, many in one call.
class Reader {
public:
    Reader(Graph& graph, PageIdentity& page, const Translator& translator, const ChannelSettings& settings)
        : graph_(graph), page_(page), translator_(translator), account_(settings.account), overlap_(settings.overlap)
    {
    }

    boost::asio::awaitable<PollResult> poll(std::string cursor);

private:
    enum class What { feed, own_posts, visitor_posts, tagged, posts, comments, conversations, messages };
    struct Call {
        What what = What::feed;
        std::string link{};             ///< paging link; empty: the first page
        std::string subject{};          ///< the post or conversation
        std::string person{};           ///< of a conversation
        std::vector<std::string> ids{}; ///< of posts
        int pages = 0;                  ///< read before this one
        int barren = 0;                 ///< of them, those at the end that brought nothing new
        int failures = 0;               ///< times that its answer could not be read
    };
    struct Round {
        std::deque<Call> calls;
        std::optional<Instant> feed_floor; ///< nothing: read to the end
        std::optional<Instant> thread_floor;
        std::optional<Instant> feed_newest;
        std::optional<Instant> thread_newest;
        bool feed_gap = false;                ///< not all of the public side could be read: the mark stays
        bool thread_gap = false;              ///< the same of the conversations
        std::set<std::string> posts;          ///< already read in this round, or queued
        std::unordered_set<std::size_t> rows; ///< fingerprints of all rows seen in this round
        std::unordered_set<std::size_t> links;
        bool looks_wide = false;
        Instant begun{};
    };

    void begin_round(const Marks& marks);
    void end_round(Marks& marks);
    boost::asio::awaitable<Answer> ask(Call call);
    void take(Call call, const Json& body, Collected& out);
    void take_feed(const Call& call, const Json& body, Collected& out);
    void take_list(const Call& call, const Json& body);
    void take_posts(const Call& call, const Json& body, Collected& out);
    void take_post(const Json& row, Collected& out);
    void take_comments(Call call, const Json& edge, Collected& out);
    void take_conversations(const Call& call, const Json& body, Collected& out);
    void take_messages(Call call, const Json& edge, Collected& out);
    void queue_posts(std::vector<std::string> ids);
    bool has_news(const Json& rows);
    void follow(const Call& call, const Json& edge);
    void ask_for_less(const std::string& cursor);
    void pass_over(const Answer& answer, PollResult& result);
    // @return whether the round can go on.
    bool take_failure(const Answer& answer, PollResult& result);
    bool take_unreadable(const Answer& answer, PollResult& result);
    bool split_posts();
    void leave_out(What what, ChannelTrouble trouble);
    void slow_down(const Answer& answer);

    Graph& graph_;
    PageIdentity& page_;
    const Translator& translator_;
    std::string account_;
    base::Duration overlap_;
    Delivered delivered_;
    std::optional<Round> round_;
    int page_size_ = 25;                      ///< halved when Facebook asks for less
    Instant not_before_{};                    ///< from refusals and from the usage headers
    ChannelTrouble limit_{};                  ///< what is told until then; ok while it is only our own pace
    Instant wide_at_{};                       ///< when the complete lists were last looked through
    std::map<What, ChannelTrouble> left_out_; ///< why one part of the Page cannot be read, while the others can
    Instant left_out_until_{};
};

} // namespace sportello::connectors::facebook
