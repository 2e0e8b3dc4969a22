#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/error.hpp>
#include <sportello/domain/report.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sportello::engine {

enum class ReportKind { volume, first_response, targets, agents, incidents, promises, ratings };

/// An end of a stretch of time: an instant, or the beginning of a date in each brand's time zone.
using ReportEnd = std::variant<base::Instant, std::chrono::year_month_day>;

struct ReportQuestion {
    ReportKind kind = ReportKind::volume;
    std::vector<std::string> brands; ///< that count; none: nothing does
    ReportEnd from;
    ReportEnd until; ///< not included
    std::optional<std::string> channel;
    std::optional<std::string> label;
    std::optional<domain::TicketOutcome> outcome;
    std::optional<domain::AgentId> agent; ///< only what this person did
    std::vector<domain::ReportDimension> group_by;
};

/// Nothing where there is nothing to tell: the mean of no answers.
using ReportFigure = std::variant<std::nullptr_t, std::int64_t, double>;

/// Figures by group, in the order of the keys. Without a grouping there is one row, of everything.
struct ReportTable {
    std::vector<domain::ReportDimension> dimensions;
    std::vector<std::string_view> figures; ///< names, for example "office_mean_seconds"
    struct Row {
        std::vector<std::string> keys; ///< by dimension; an agent: the id, empty: nobody; a label: empty: none
        std::vector<ReportFigure> figures;
    };
    std::vector<Row> rows;
    std::map<std::string, std::string> agent_names; ///< by id
};

/// Reports from facts that are drawn from the event log (storage/reports.hpp). What is asked is always up to date: what the
/// log has more than the facts is drawn first.
class Reports {
public:
    Reports(storage::Database& db, const Settings& settings, base::Clock& clock) : db_(db), settings_(settings), clock_(clock) {}

    boost::asio::awaitable<base::Result<ReportTable>> answer(ReportQuestion question);

    /// Whether figures of single persons are shown to others than themselves. Off until an admin turns it on.
    boost::asio::awaitable<base::Result<bool>> shows_persons();
    /// Turned by an admin; written into the event log.
    boost::asio::awaitable<base::Result<void>> show_persons(bool on, Command command);

    /// Draws facts from what the log has new, a piece at a time. @return when to go on; nothing: when the clockwork looks.
    boost::asio::awaitable<base::Result<std::optional<base::Instant>>> keep();
    /// All of it.
    boost::asio::awaitable<base::Result<void>> catch_up();

private:
    boost::asio::awaitable<base::Result<bool>> draw();

    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
};

} // namespace sportello::engine
