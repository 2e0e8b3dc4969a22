#include <sportello/storage/office_hours.hpp>

#include "rows.hpp"
#include "statement.hpp"

namespace sportello::storage {
namespace {

#define SPORTELLO_EXCEPTION_COLUMNS "id, brand, day, hours, note, agent_id, created_at"

const Statement insert_exception{"INSERT INTO office_exception (brand, day, hours, note, agent_id, created_at) "
                           "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (brand, day) DO NOTHING RETURNING id"};
const Statement exception_by_id{"SELECT " SPORTELLO_EXCEPTION_COLUMNS " FROM office_exception WHERE id = $1"};
const Statement delete_one{"DELETE FROM office_exception WHERE id = $1"};
const Statement of_brand{"SELECT " SPORTELLO_EXCEPTION_COLUMNS " FROM office_exception WHERE brand = $1 AND day >= $2 "
                         "ORDER BY day LIMIT $3"};
const Statement plan_of_brand{"SELECT hours, after_ticket FROM office_plan WHERE brand = $1"};
const Statement keep_plan{"INSERT INTO office_plan (brand, hours, after_ticket) VALUES ($1, $2, $3) "
                          "ON CONFLICT (brand) DO UPDATE SET hours = excluded.hours, after_ticket = excluded.after_ticket"};
// "+ 0": along the brand's open tickets (ticket_by_brand), never along the closed past by its primary key.
const Statement to_plan{"SELECT id FROM ticket WHERE brand = $1 AND status IN ('new', 'open', 'pending', 'on_hold') "
                        "AND id + 0 > $2 ORDER BY id + 0 LIMIT $3"};

std::int64_t day_number(const std::chrono::year_month_day& date)
{
    return std::chrono::sys_days(date).time_since_epoch().count();
}

std::string to_text(const std::vector<domain::Window>& windows)
{
    std::vector<std::string> texts;
    for (const auto& window : windows) texts.push_back(domain::to_string(window));
    return join(texts, ',');
}

OfficeException exception_at(const Row& row)
{
    OfficeException exception;
    exception.id = row.number(0);
    exception.brand = row.string(1);
    exception.hours.date = std::chrono::sys_days(std::chrono::days(row.number(2)));
    if (const auto text = row.string(3); !text.empty()) {
        auto windows = domain::parse_windows(text);
        if (!windows) throw Failure(base::ErrorKind::internal, "the database holds " + windows.error().what());
        exception.hours.windows = std::move(*windows);
    }
    exception.note = row.string(4);
    exception.author = id_at<domain::AgentId>(row, 5);
    exception.created_at = row.instant(6);
    return exception;
}

} // namespace

base::Result<std::int64_t> insert_office_exception(Transaction& tx, const OfficeException& exception)
{
    const auto id = tx.first(insert_exception, first_number, exception.brand, day_number(exception.hours.date), to_text(exception.hours.windows),
                             exception.note, exception.author, exception.created_at);
    if (!id) {
        const auto date = domain::to_string(exception.hours.date);
        return base::Error(base::ErrorKind::conflict,
                           "hours for " + date + " of " + exception.brand + " are entered already; remove them first",
                           {{"/date", "hours of that date are entered already"}});
    }
    return *id;
}

std::optional<OfficeException> find_office_exception(Transaction& tx, std::int64_t id)
{
    return tx.first(exception_by_id, exception_at, id);
}

void delete_office_exception(Transaction& tx, std::int64_t id)
{
    tx.run(delete_one, id);
}

std::vector<OfficeException> office_exceptions(Transaction& tx, std::string_view brand, std::chrono::year_month_day from,
                                               std::int64_t limit)
{
    return tx.all(of_brand, exception_at, brand, day_number(from), limit);
}

std::optional<OfficePlan> find_office_plan(Transaction& tx, std::string_view brand)
{
    const auto make = [](const Row& row) { return OfficePlan{row.string(0), maybe_id_at<domain::TicketId>(row, 1)}; };
    return tx.first(plan_of_brand, make, brand);
}

void keep_office_plan(Transaction& tx, std::string_view brand, const OfficePlan& plan)
{
    tx.run(keep_plan, brand, plan.hours, plan.after_ticket);
}

std::vector<domain::TicketId> tickets_to_plan(Transaction& tx, std::string_view brand, domain::TicketId after, std::int64_t limit)
{
    return tx.all(
        to_plan, [](const Row& row) { return id_at<domain::TicketId>(row, 0); }, brand, after, limit);
}

} // namespace sportello::storage
