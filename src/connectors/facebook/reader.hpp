#pragma once

#include "../delivered.hpp"
#include "errors.hpp"
#include "graph.hpp"
#include "page.hpp"
#include "translate.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>

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

/// Reads what is new on one Page: posts, comments, Messenger conversations.
///
/// A round goes from the newest back to the marks less the overlap. It is a queue of calls, each of which may add more;
/// a poll makes at most ten of them. The queue lives in memory: a caller that comes back with another cursor than the
/// last one handed out (a restart, a failed transaction) starts a new round at the old marks.
class Reader {
public:
    Reader(Graph& graph, PageIdentity& page, const Translator& translator, const ChannelSettings& settings)
        : graph_(graph), page_(page), translator_(translator), account_(settings.account), overlap_(settings.overlap)
    {
    }

    boost::asio::awaitable<PollResult> poll(std::string cursor);

private:
    enum class What { feed, old_posts, post, comments, conversations, messages };
    struct Call {
        What what = What::feed;
        std::string link{};    ///< paging link; empty: the first page
        std::string subject{}; ///< the post or conversation
        std::string person{};  ///< of a conversation
        int pages = 0;         ///< read before this one
    };
    struct Round {
        std::deque<Call> calls;
        std::optional<Instant> feed_floor; ///< nothing: read to the end
        std::optional<Instant> thread_floor;
        std::optional<Instant> feed_newest;
        std::optional<Instant> thread_newest;
        std::map<std::string, bool> posts; ///< already read in this round
        bool looks_at_old_posts = false;
        Instant begun{};
    };

    void begin_round(const Marks& marks);
    void end_round(Marks& marks);
    boost::asio::awaitable<Answer> ask(Call call);
    void take(const Call& call, const Json& body, Collected& out);
    void take_feed(const Call& call, const Json& body, Collected& out);
    void take_old_posts(const Call& call, const Json& body);
    void take_post(const Json& row, Collected& out);
    void take_comments(const Call& call, const Json& edge, Collected& out);
    void take_conversations(const Call& call, const Json& body, Collected& out);
    void take_messages(const Call& call, const Json& edge, Collected& out);
    void follow(const Call& call, const Json& edge);
    /// @return whether the round can go on.
    bool take_failure(const Call& call, const Answer& answer, PollResult& result);
    void slow_down(const Answer& answer);

    Graph& graph_;
    PageIdentity& page_;
    const Translator& translator_;
    std::string account_;
    base::Duration overlap_;
    Delivered delivered_;
    std::optional<Round> round_;
    int page_size_ = 25;                ///< halved when Facebook asks for less
    Instant not_before_{};              ///< from refusals and from the usage headers
    ChannelTrouble limit_{};            ///< what is told until then; ok while it is only our own pace
    Instant old_posts_at_{};            ///< when old posts were last looked at
    Instant messages_at_{};             ///< no reading of conversations before
    ChannelTrouble messages_trouble_{}; ///< why conversations alone cannot be read
};

} // namespace sportello::connectors::facebook
