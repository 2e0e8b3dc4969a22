#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/domain/personal_data.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/message_actions.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::engine {

using base::Result;

/// What is remembered of a false hit: it tells kind and value only to who has both.
[[nodiscard]] std::string digest_of(const domain::PersonalData& data);

/// Whether this person sees what is private in a ticket, and may look at what is masked: its assignee and who supervises.
[[nodiscard]] bool may_see_personal_data(const Actor& actor, const domain::Ticket& ticket);

/// A message as it was written.
struct Revealed {
    domain::Message message;
    std::vector<domain::PersonalData> found;
};

/// Personal data that customers wrote in public, and what people do about it. Everything is masked on its way out
/// (api/shielded.hpp); what is stored stays as it was written.
/// Errors: not_found (no such message in a ticket of the actor's brands), forbidden (neither assignee nor supervisor),
/// conflict, invalid_input.
class Shield {
public:
    /// @param wake  called after something was ordered that another thread of work carries out
    Shield(storage::Database& db, const Settings& settings, base::Clock& clock, std::function<void()> wake)
        : db_(db), settings_(settings), clock_(clock), wake_(std::move(wake))
    {
    }

    /// Shows a message as it is; the look is written into the ticket's story, without what was seen.
    boost::asio::awaitable<Result<Revealed>> reveal(domain::MessageId id, Command command);
    /// The `number`-th find of a message (from 1) is no personal data: in this ticket that value is masked no more, and
    /// may be repeated.
    boost::asio::awaitable<Result<domain::Message>> release(domain::MessageId id, std::size_t number, Command command);
    /// Hides a customer's public comment or answer on its platform, or shows it again: durably ordered, carried out soon
    /// after. Everybody who may see the ticket may. conflict for a post, an own or a deleted message, and on a channel
    /// that runs without publishing.
    boost::asio::awaitable<Result<storage::MessageAction>> hide(domain::MessageId id, bool hide, Command command);
    /// Our account likes a customer's public message, or takes its like back. Ordered and carried out as hiding is.
    boost::asio::awaitable<Result<storage::MessageAction>> like(domain::MessageId id, bool like, Command command);
    /// Takes an item of our own off its platform: whoever wrote it may, and who supervises. conflict for somebody else's
    /// item: that is hidden instead.
    boost::asio::awaitable<Result<storage::MessageAction>> remove(domain::MessageId id, Command command);
    /// The same for a published reply: each of its posts, whether they were read back yet or not. conflict for one that is
    /// not out.
    boost::asio::awaitable<Result<domain::Reply>> withdraw(domain::ReplyId id, Command command);

private:
    boost::asio::awaitable<Result<storage::MessageAction>> order(domain::MessageId id, std::string kind, Command command);

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    std::function<void()> wake_;
};

} // namespace sportello::engine
