#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/privacy.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sportello::engine {

/// A person's right to know what is kept of them, and to have it forgotten; and what is forgotten by time alone.
class Privacy {
public:
    Privacy(storage::Database& db, const Settings& settings, base::Clock& clock);

    /// All that is kept of a customer as a JSON object: identities, tickets, messages with their earlier texts, replies,
    /// notes, hand-overs, files, ratings, events, what could not be translated. not_found also for who has tickets of
    /// brands that the actor may not see. In the audit.
    boost::asio::awaitable<base::Result<std::string>> export_person(domain::CustomerId customer, Command command);
    /// Takes out every text and name of a customer, for good; numbers, times and states stay, so that reports do. What the
    /// platform shows again later stays out. A merged customer goes with the one that it was merged into. In the audit,
    /// with the reason. @return what was found. conflict while a reply to them is on its way.
    boost::asio::awaitable<base::Result<storage::ErasedPerson>> erase(domain::CustomerId customer, std::string reason, Command command);
    /// Erases again whom a restored backup brought back, by the list beside the database. @return how many.
    base::Result<std::size_t> reapply_erasures();

    /// Forgets a little of what the configuration does not keep any longer. @return when to look again.
    boost::asio::awaitable<base::Result<std::optional<base::Instant>>> forget_old();

private:
    base::Result<void> note_erasure(const storage::ErasedPerson& person) const;

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
};

} // namespace sportello::engine
