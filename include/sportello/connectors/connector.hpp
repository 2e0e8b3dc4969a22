#pragma once

#include <sportello/base/time.hpp>
#include <sportello/domain/call_budget.hpp>
#include <sportello/domain/model.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::connectors {

using base::Instant;

/// What stands in the way of a channel, and how to mend it. Nothing stands in the way: `state` ok.
struct ChannelTrouble {
    enum class State { ok, rate_limited, needs_authorisation, misconfigured, unavailable };
    State state = State::ok;
    std::string reason;                ///< in words, with what to do; no secrets. With ok: something to know all the same
    std::optional<Instant> not_before; ///< no call of this channel before (at most 1 h ahead: then it is probed)
};
[[nodiscard]] std::string_view to_string(ChannelTrouble::State state);

/// What a platform told of a channel's access, when it was looked at anew.
struct ChannelAccess {
    std::optional<Instant> ends_at; ///< the first that ends: the token, or the access to data; nothing: neither does
    std::string lacks;              ///< what the token may not, in words; empty: it may all
};

/// Something on a page that could not be understood: to be kept, counted and passed over (I6).
struct RejectedItem {
    std::string platform_id; ///< empty when even that was not to be found
    std::string reason;
    std::string raw; ///< as it came, one line of JSON without secrets, at most 64 KiB
};

/// One step of reading: at most a few calls to the platform.
struct PollResult {
    std::vector<domain::PlatformItem> items; ///< in any order; repeated items are normal (overlap)
    std::vector<RejectedItem> rejected;
    std::string cursor;                  ///< the connector's own JSON; stored in the same transaction as `items`;
                                         ///< the same text as before when there was no news
    bool more = false;                   ///< there is more to read right now: poll again at once
    ChannelTrouble trouble;              ///< with items and cursor as far as they got
    std::optional<ChannelAccess> access; ///< nothing: as it was told before
};

/// An item looked at again by its id.
struct Rechecked {
    std::string platform_id;
    bool gone = false;
    std::optional<domain::PlatformItem> item; ///< its present form when not gone
};
struct RecheckResult {
    std::vector<Rechecked> items; ///< what could be looked at; missing ones are tried another time
    ChannelTrouble trouble;
};

/// A file that goes out: its bytes, or an address from which the platform fetches it.
struct OutgoingFile {
    std::string name;
    std::string media_type; ///< "image/png"
    std::string bytes;
    std::string url; ///< used when `bytes` are empty
};

struct PublishRequest {
    domain::Visibility visibility = domain::Visibility::public_;
    domain::MessageKind target_kind = domain::MessageKind::post;
    std::string target_id; ///< public: the item answered; private: the conversation
    std::string root_id;
    std::string recipient_id; ///< private: the person
    /// Private: the public item whose author is answered, where no conversation exists yet. Then `target_id` and
    /// `recipient_id` may be empty, and `target_at` tells when it was written. Facebook: once, within seven days.
    std::string private_reply_to;
    Instant target_at{};
    std::string text;
    /// Where a platform cannot send a text and a file in one go (Messenger), one of them is a request of its own.
    std::optional<OutgoingFile> file;
    std::string attempt_key;   ///< ours, unique an attempt (Messenger metadata)
    Instant last_inbound_at{}; ///< of the private conversation: decides on the messaging window
    std::chrono::milliseconds deadline{20'000};
};

/// How a send ended, by the table of reliability 2.6; anything not listed there is `unknown`.
struct PublishOutcome {
    enum class Class {
        published,         ///< with `platform_id`
        not_sent,          ///< provably no effect: requeue with back-off
        not_sent_probably, ///< 429, 401 and the like: wait until `not_before`, read back, then try again
        unknown,           ///< read back before anything else
        failed             ///< provably not published and will not be: `reason`
    };
    Class outcome = Class::unknown;
    std::string platform_id;
    std::string reason;     ///< in words for the agent
    bool duplicate = false; ///< `unknown` because the platform says that an equal text exists already
    std::optional<Instant> not_before;
    std::optional<Instant> platform_time; ///< from the answer or its Date header
    ChannelTrouble trouble;
};

/// What can be done on a platform beside answering. A platform that lacks one of these fails it, with the reason.
enum class ActionKind {
    hide,   ///< somebody's comment or answer, from everybody but its author
    unhide, ///< shown again
    like,   ///< by our account
    unlike, ///< the like is taken back
    remove, ///< an item of ours, or of somebody else where the platform lets us
    edit,   ///< another text for an item of ours
    post    ///< a new item of ours that answers nothing
};
[[nodiscard]] std::string_view to_string(ActionKind kind);

struct Action {
    ActionKind kind = ActionKind::hide;
    std::string target_id;                                       ///< what it is done to; nothing for `post`
    domain::Visibility visibility = domain::Visibility::public_; ///< `remove`: where it stands
    std::string text;                                            ///< `edit` and `post`
    std::optional<OutgoingFile> file;                            ///< `post`
    std::string link;                                            ///< `post`: an address that the platform shows a preview of
    std::chrono::milliseconds deadline{20'000};
};
/// As a send ends, with `published` for: done. `platform_id` is there for `post` only.
///
/// All but `post` may be repeated after `unknown` or `not_sent_probably`: done twice they are the same as done once. A
/// `post` has to be read back like a reply.
using ActionOutcome = PublishOutcome;

/// What our own account wrote near a target: for reading back, and for the snapshot before a send.
struct ReadBackRequest {
    domain::Visibility visibility = domain::Visibility::public_;
    std::string target_id; ///< public and empty: our own new posts
    std::string root_id;
    std::string recipient_id;
    std::string private_reply_to; ///< as in PublishRequest
    Instant since{};              ///< send start - 2 min
};
struct ReadBackResult {
    bool complete = false;                 ///< the window was surely covered by a successful read
    bool parent_gone = false;              ///< the target does not exist any more (read with a working token)
    std::vector<domain::PlatformItem> own; ///< own items in the window
    bool canary_seen = false;              ///< some item of the thread or account newer than `since` + 2 min was visible
    ChannelTrouble trouble;
};

/// A send of ours that the platform itself tells back with its attempt key: certain, not guessed from the text. It may
/// come before the answer of the send.
struct Confirmation {
    std::string attempt_key;
    std::string platform_id;
    Instant at{};
};

/// What a delivery of the platform's webhook holds for one channel.
struct DeliveryNews {
    bool concerns = true; ///< false: it is about other accounts of the same app only
    bool revoked = false; ///< the account took the app's access back
    std::vector<Confirmation> confirmations;
};

/// One channel of a platform. All calls run on one executor; at most one poll or recheck at a time, publishing beside
/// it.
class Connector {
public:
    virtual ~Connector() = default;
    /// @param cursor  what the last stored PollResult carried; empty the first time.
    virtual boost::asio::awaitable<PollResult> poll(std::string cursor) = 0;
    /// @param platform_ids  at most 100, of public items only: nobody can ask whether a private message is still there.
    virtual boost::asio::awaitable<RecheckResult> recheck(std::vector<std::string> platform_ids) = 0;
    /// Sends exactly once over a fresh connection; never retries.
    virtual boost::asio::awaitable<PublishOutcome> publish(PublishRequest request) = 0;
    virtual boost::asio::awaitable<ReadBackResult> read_back(ReadBackRequest request) = 0;
    /// Does something once; never retries. What is not overridden fails.
    virtual boost::asio::awaitable<ActionOutcome> act(Action action);
    /// What a delivery of the platform's webhook confirms of this channel (Facebook: echoes of messages); nothing for a
    /// text that is none, or of which it holds nothing.
    /// @param delivery  the body as it came, its signature checked
    [[nodiscard]] virtual std::vector<Confirmation> confirmations(std::string_view delivery) const;
    /// What this channel may still call and spend; the connector asks it before each call and tells it of each. Null: the
    /// platform counts nothing.
    [[nodiscard]] virtual domain::CallBudget* budget() { return nullptr; }
    /// All that a delivery says at once; what it brings is read by the next poll. A text that is no delivery concerns
    /// nobody.
    [[nodiscard]] virtual DeliveryNews news_in(std::string_view delivery) const;
};

} // namespace sportello::connectors
