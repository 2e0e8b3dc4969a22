#pragma once

#include <sportello/domain/calendar.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// What a supervisor entered for one date of one brand.
struct OfficeException {
    std::int64_t id = 0;
    std::string brand;
    domain::DatedHours hours;
    std::string note;
    domain::AgentId author;
    base::Instant created_at{};
};

/// @return conflict when something is entered for that date of that brand already.
base::Result<std::int64_t> insert_office_exception(Transaction& tx, const OfficeException& exception);
std::optional<OfficeException> find_office_exception(Transaction& tx, std::int64_t id);
void delete_office_exception(Transaction& tx, std::int64_t id);
/// Of one brand, by date, from this date on.
std::vector<OfficeException> office_exceptions(Transaction& tx, std::string_view brand, std::chrono::year_month_day from,
                                               std::int64_t limit = 4000);

/// With which hours a brand's open deadlines are planned.
struct OfficePlan {
    std::string hours;                            ///< a digest of hours and targets
    std::optional<domain::TicketId> after_ticket; ///< tickets after this one are still to be planned with them; nothing: none is
};
std::optional<OfficePlan> find_office_plan(Transaction& tx, std::string_view brand);
void keep_office_plan(Transaction& tx, std::string_view brand, const OfficePlan& plan);
/// Tickets of a brand that may have an open deadline (not solved, not closed), by id, after this one.
std::vector<domain::TicketId> tickets_to_plan(Transaction& tx, std::string_view brand, domain::TicketId after, std::int64_t limit);

} // namespace sportello::storage
