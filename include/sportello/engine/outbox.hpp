#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/base/random.hpp>
#include <sportello/connectors/connector.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

using base::Result;
/// The connector of each channel, by the channel's id.
using Connectors = std::map<std::string, std::unique_ptr<connectors::Connector>, std::less<>>;

struct ReplyDraft {
    std::string text;
    domain::Visibility visibility = domain::Visibility::public_;
    std::optional<domain::RouteKind> route;     ///< nothing: the usual one for this visibility; never by_hand
    std::optional<domain::MessageId> answers;   ///< the message answered; nothing: the newest that is still there
    std::optional<domain::MessageId> last_seen; ///< the newest inbound message its author saw: the stale guard
    base::Duration undo{0};                     ///< 0 to 60 s: held back so long
    bool release_personal_data = false;         ///< what looks like personal data in a public text is none
    std::vector<std::int64_t> attachments = {}; ///< uploads of the author for this ticket, in order
    bool confirm_duplicate = false;             ///< send although the same text went to the same place in the last 24 h
    bool is_approved = false;                   ///< part of a text to all that a colleague has approved as a whole
};

/// A decision of a person about a reply whose outcome could not be found out.
struct Decision {
    enum class Kind { resend, published, discard };
    Kind kind = Kind::discard;
    std::string platform_id; ///< with `published`: the id it has on the platform, or its address there
    bool confirmed = false;  ///< with `resend`: also while it is still being looked for, knowing that it may then be out twice
};

/// An order to try a failed reply again.
struct Retry {
    std::optional<domain::MessageId> last_seen = {}; ///< as ReplyDraft has it
    bool confirm_duplicate = false;
};
/// Whether a reply that failed may be tried again: nothing of what is to be sent may be out already, and it is a person's.
[[nodiscard]] bool may_retry(storage::Transaction& tx, domain::ReplyId id);

/// Accepts replies durably and publishes each exactly once, as far as the platforms allow (reliability, section 2).
class Outbox {
public:
    Outbox(boost::asio::any_io_executor executor, storage::Database& db, const Settings& settings, Connectors& connectors,
           base::Clock& clock, base::Random& random);
    ~Outbox();

    /// Stores the reply and its parts before it answers. Errors: conflict "stale" with the newer messages' ids in
    /// fields() (pointer "/last_seen"); conflict with pointer "/route" for a route that is closed (why, in words) and
    /// "/confirm_duplicate" for a text that was sent there already; invalid_input for empty, too long, or a visibility the
    /// ticket does not have, and with "/release_personal_data" for personal data that would stand in public.
    boost::asio::awaitable<Result<domain::Reply>> accept(domain::TicketId ticket, ReplyDraft draft, Command command);
    /// Inside the undo window, before the first byte; else conflict.
    boost::asio::awaitable<Result<domain::Reply>> cancel(domain::ReplyId id, Command command);
    /// Ends the undo window now.
    boost::asio::awaitable<Result<domain::Reply>> send_now(domain::ReplyId id, Command command);
    /// Goes on with a reply in `failed` from the part that failed; what is out stays and is not sent again. Errors: as
    /// accept(), and conflict for a reply that did not fail or of which somebody said that it is to be left alone: that
    /// one may be out.
    boost::asio::awaitable<Result<domain::Reply>> retry(domain::ReplyId id, Retry order, Command command);
    /// For a reply in needs_decision or unknown. What a person says that it is on the platform is read there first, unless
    /// it is known: conflict when the platform cannot be read.
    boost::asio::awaitable<Result<domain::Reply>> decide(domain::ReplyId id, Decision decision, Command command);

    /// Puts what a crash left into its honest state (`sending` becomes `unknown`), then works until stop().
    /// After another node, what that one was sending may still be on its way until its deadline; only then it is read back.
    enum class After { own_end, another_node };
    void start(After after = After::own_end);
    /// Lets sends under way end, then returns, at the latest after their deadline.
    boost::asio::awaitable<void> stop();
    boost::asio::awaitable<void> stop(base::Duration longest);
    /// Something may be due earlier than thought: a reply was accepted, reading works again.
    void wake();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace sportello::engine
