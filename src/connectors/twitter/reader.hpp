#pragma once

#include "../delivered.hpp"
#include "api.hpp"
#include "cursor.hpp"
#include "translate.hpp"

#include <set>
#include <string>
#include <vector>

namespace sportello::connectors::twitter {

/// Adds the fields and expansions that translation needs.
void ask_for_posts(http::Parameters& query);
void ask_for_direct_messages(http::Parameters& query);

/// Reads what is new on one account: mentions, its own posts, direct messages, what only a search finds, and the posts that
/// all these answer.
class Reader {
public:
    Reader(Api& api, Account& account, base::Duration overlap) : api_(api), account_(account), overlap_(overlap) {}

    boost::asio::awaitable<PollResult> poll(std::string cursor_text);

private:
    struct Feed {
        const char* name; ///< "mentions", for the operator
        FeedMark Cursor::*mark;
        Pace pace{};
        ChannelTrouble trouble{}; ///< why this list alone cannot be read at the moment
        int unreadable = 0;       ///< answers in a row that were none
    };

    boost::asio::awaitable<void> read_feed(Feed& feed, Cursor& cursor, int& calls_left, PollResult& result);
    boost::asio::awaitable<Answer> ask(const Feed& feed, const FeedMark& mark);
    void begin_round(const Feed& feed, FeedMark& mark) const;
    void take_page(const Feed& feed, FeedMark& mark, const Json& page, PollResult& result);
    void take_failure(Feed& feed, FeedMark& mark, const Answer& answer, PollResult& result);
    void take_unreadable(Feed& feed, FeedMark& mark, const Answer& answer, PollResult& result);
    boost::asio::awaitable<void> look_up_parents(int& calls_left, PollResult& result);
    void take_parents(Parents parents, PollResult& result);
    [[nodiscard]] std::string search_query() const;
    void report_lists(PollResult& result);

    Api& api_;
    Account& account_;
    base::Duration overlap_;
    Delivered delivered_;
    std::size_t first_ = 0; ///< the list that a poll begins with: none may starve the others
    Feed feeds_[4] = {{"mentions", &Cursor::mentions},
                      {"its own posts", &Cursor::posts},
                      {"direct messages", &Cursor::messages},
                      {"what a search finds", &Cursor::search}};
    std::set<std::string> unknown_parents_; ///< to be asked for
    std::set<std::string> asked_parents_;   ///< of this process: each is asked for once
};

} // namespace sportello::connectors::twitter
