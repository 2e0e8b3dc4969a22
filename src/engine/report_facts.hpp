#pragma once

#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <set>

namespace sportello::engine {

/// Turns events into the facts of reports.
class FactReader {
public:
    FactReader(storage::Transaction& tx, const Settings& settings) : tx_(tx), settings_(settings) {}

    void read(const domain::Event& event);
    /// What reports know of every ticket that was read of; once, at the end.
    void refresh_tickets();

private:
    void refresh(domain::TicketId id);

    storage::Transaction& tx_;
    const Settings& settings_;
    std::set<domain::TicketId> touched_;
};

} // namespace sportello::engine
