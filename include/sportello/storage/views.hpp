#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// A list of tickets that somebody saved under a name.
struct TicketView {
    std::int64_t id = 0;
    domain::AgentId owner;
    std::string name;
    bool shared = false; ///< everybody may use it
    std::string filters; ///< the query of GET /v1/tickets: "brand=tim&status=open"
    base::Instant updated_at{};
    std::int32_t revision = 1;
};
/// `view.id` does not count. @return its id; conflict when its owner has one of this name.
base::Result<std::int64_t> insert_view(Transaction& tx, const TicketView& view);
std::optional<TicketView> find_view(Transaction& tx, std::int64_t id);
/// Counts the revision up. @return conflict for a name that is taken, or another revision than the one read.
base::Result<void> save_view(Transaction& tx, TicketView& view);
void delete_view(Transaction& tx, std::int64_t id);
/// This person's and the shared ones, by id behind `after`.
std::vector<TicketView> views_for(Transaction& tx, domain::AgentId agent, std::int64_t after, std::int64_t limit);
std::int64_t view_count(Transaction& tx, domain::AgentId owner);

} // namespace sportello::storage
