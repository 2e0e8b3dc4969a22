#include "ticket_list_sql.hpp"

#include "statement.hpp"

#include <mutex>
#include <unordered_set>

// A list walks one index in its own order, so it costs the page it shows. Which index follows from the narrowest thing the
// filter names ("the walk"); what else it names is asked of each row. By update, each status is a stretch of the index of
// its own: the stretches are merged (UNION ALL under one ORDER BY). SQLite merges without sorting; PostgreSQL would read all of
// them and sort, so there each stretch is cut to a page by itself.
namespace sportello::storage {
namespace {

using domain::TicketStatus;

#define SPORTELLO_ROW_COLUMNS                                                                                                              \
    "t.brand, t.channel, t.platform, t.visibility, t.root_id, t.status, t.priority, t.subject, t.assignee_id, "                            \
    "a.name AS assignee_name, t.assigned_why, t.customer_id, i.name AS customer_name, i.handle, t.created_at, "                            \
    "t.last_inbound_at, t.last_inbound_message_id, t.waiting_since, t.first_response_at, t.first_response_office_seconds, "                \
    "t.due_at, t.snoozed_until, t.last_text, t.last_at, t.last_direction, t.message_count, t.revision, t.labels, "                         \
    "t.queue_rank, t.aside, t.language, t.incident_id, t.inbound_count, "
#define SPORTELLO_ROW_JOINS " JOIN identity i ON i.id = t.identity_id LEFT JOIN agent a ON a.id = t.assignee_id "

const Statement one_row{"SELECT t.id, " SPORTELLO_ROW_COLUMNS "t.updated_at FROM ticket t" SPORTELLO_ROW_JOINS "WHERE t.id = $1"};

enum class Walk { everything, nobodys, agents, customers, label, brand, aside, incident, put_off };

Walk choose_walk(const TicketFilter& filter, const std::vector<std::string>& brands, const TicketListScope& scope)
{
    if (scope.incident) return Walk::incident;
    if (filter.customer) return Walk::customers;
    if (filter.aside && filter.sort == TicketSort::updated) return Walk::aside;
    if (filter.label) return Walk::label;
    if (std::holds_alternative<domain::AgentId>(filter.assignee)) return Walk::agents;
    if (std::holds_alternative<TicketFilter::Nobody>(filter.assignee)) return Walk::nobodys;
    if (filter.snoozed.value_or(false)) return Walk::put_off;
    return brands.size() == 1 ? Walk::brand : Walk::everything;
}

/// Text and values, side by side.
class Composer {
public:
    Composer& text(std::string_view piece)
    {
        sql_ += piece;
        return *this;
    }
    Composer& value(Value value)
    {
        values_.push_back(value);
        sql_ += '$';
        sql_ += std::to_string(values_.size());
        return *this;
    }
    [[nodiscard]] const std::string& sql() const { return sql_; }
    [[nodiscard]] std::vector<Value> take_values() { return std::move(values_); }
    void append(const std::string& condition) { sql_ += condition; }
    /// Composes a condition apart from the text, with the next numbers.
    template <class Compose> std::string apart(Compose&& compose)
    {
        std::string kept;
        kept.swap(sql_);
        compose();
        kept.swap(sql_);
        return kept;
    }

private:
    std::string sql_;
    std::vector<Value> values_;
};

/// The same text at the same address each time, so that connections find it prepared.
std::string_view interned(const std::string& sql)
{
    static std::mutex mutex;
    static std::unordered_set<std::string> known; // its elements stay where they are
    const std::lock_guard lock(mutex);
    return *known.insert(sql).first;
}

/// Composes one list.
class ListComposer {
public:
    ListComposer(const TicketFilter& filter, const std::vector<std::string>& brands, const TicketCursor* after,
                 const TicketListScope& scope, bool cuts_stretches)
        : filter_(filter), brands_(brands), after_(after), scope_(scope), cuts_stretches_(cuts_stretches),
          walk_(choose_walk(filter, brands, scope))
    {
    }

    TicketListQuery by_due(const std::vector<TicketStatus>& statuses, std::int64_t limit)
    {
        const bool labelled = walk_ == Walk::label;
        const std::string conditions = out_.apart([&] {
            walk_condition();
            place_condition(labelled ? "(l.queue_rank, l.ticket_id) > " : "(t.queue_rank, t.id) > ", after_);
            // The empty text keeps SQLite on the walk: it would else search by this and sort what it finds.
            if (statuses.size() == 1) status(" AND t.status || '' = ", statuses.front());
            row_conditions();
        });
        out_.text("SELECT t.id, " SPORTELLO_ROW_COLUMNS "t.updated_at").text(source());
        out_.text(labelled ? "WHERE l.queue_rank IS NOT NULL" : "WHERE t.queue_rank IS NOT NULL").append(conditions);
        out_.text(labelled ? " ORDER BY l.queue_rank, l.ticket_id LIMIT " : " ORDER BY t.queue_rank, t.id LIMIT ");
        rows(limit);
        return finish();
    }

    TicketListQuery by_update(const std::vector<TicketStatus>& statuses, std::int64_t limit)
    {
        const bool labelled = walk_ == Walk::label;
        const std::string conditions = out_.apart([&] {
            walk_condition();
            place_condition(labelled ? "(l.updated_at, l.ticket_id) < " : "(t.updated_at, t.id) < ", after_);
            place_condition(labelled ? "(l.updated_at, l.ticket_id) > " : "(t.updated_at, t.id) > ", since());
            row_conditions();
        });
        const bool cuts = cuts_stretches_ && statuses.size() > 1;
        const char* between = "";
        for (const TicketStatus each : statuses) {
            out_.text(between).text(cuts ? "(" : "").text(labelled ? "SELECT l.ticket_id AS id, " : "SELECT t.id AS id, ");
            out_.text(SPORTELLO_ROW_COLUMNS).text(labelled ? "l.updated_at AS updated_at" : "t.updated_at AS updated_at");
            out_.text(source());
            status(labelled ? "WHERE l.status = " : "WHERE t.status = ", each);
            out_.append(conditions);
            if (cuts) {
                out_.text(labelled ? " ORDER BY l.updated_at DESC, l.ticket_id DESC LIMIT "
                                   : " ORDER BY t.updated_at DESC, t.id DESC LIMIT ");
                rows(limit);
                out_.text(")");
            }
            between = " UNION ALL ";
        }
        out_.text(" ORDER BY updated_at DESC, id DESC LIMIT ");
        rows(limit);
        return finish();
    }

    /// Of an incident: few beside all that there are, found by it and sorted; each has one status, which is asked of the row.
    TicketListQuery of_incident(const std::vector<TicketStatus>& statuses, std::int64_t limit)
    {
        out_.text("SELECT t.id AS id, " SPORTELLO_ROW_COLUMNS "t.updated_at AS updated_at")
            .text(source())
            .text("WHERE t.status || '' IN (");
        const char* between = "";
        for (const TicketStatus status : statuses) {
            out_.text(between).value(to_string(status));
            between = ", ";
        }
        out_.text(")");
        walk_condition();
        place_condition("(t.updated_at, t.id) < ", after_);
        place_condition("(t.updated_at, t.id) > ", since());
        row_conditions();
        out_.text(" ORDER BY updated_at DESC, id DESC LIMIT ");
        rows(limit);
        return finish();
    }

private:
    [[nodiscard]] const TicketCursor* since() const { return scope_.since ? &*scope_.since : nullptr; }

    // PostgreSQL plans a statement once for all its values when they tell it nothing, and with every use when they might: planning a
    // list takes ten times as long as walking it. What there are few of stands in the text.
    void status(std::string_view before, TicketStatus status)
    {
        out_.text(before);
        if (cuts_stretches_) out_.text("'").text(to_string(status)).text("'");
        else out_.value(to_string(status));
    }
    void rows(std::int64_t limit)
    {
        if (cuts_stretches_) out_.text(std::to_string(limit));
        else out_.value(limit);
    }

    [[nodiscard]] std::string_view source() const
    {
        if (walk_ == Walk::label) { return " FROM ticket_label l JOIN ticket t ON t.id = l.ticket_id" SPORTELLO_ROW_JOINS; }
        return " FROM ticket t" SPORTELLO_ROW_JOINS;
    }

    void walk_condition()
    {
        switch (walk_) {
        case Walk::everything:
            break;
        case Walk::nobodys:
            out_.text(" AND t.assignee_id IS NULL");
            break;
        case Walk::agents:
            out_.text(" AND t.assignee_id = ").value(agent());
            break;
        case Walk::customers:
            out_.text(" AND t.customer_id = ").value(filter_.customer->value);
            break;
        case Walk::label:
            out_.text(" AND l.label = ").value(*filter_.label);
            break;
        case Walk::brand:
            out_.text(" AND t.brand = ").value(brands_.front());
            break;
        case Walk::aside:
            out_.text(" AND t.aside <> '' AND t.aside = ").value(*filter_.aside);
            break;
        case Walk::incident:
            out_.text(" AND t.incident_id = ").value(scope_.incident->value);
            break;
        case Walk::put_off: // said of every row below
            break;
        }
    }

    void place_condition(std::string_view comparison, const TicketCursor* place)
    {
        if (place == nullptr) return;
        out_.text(" AND ").text(comparison).text("(").value(place->key).text(", ").value(place->id).text(")");
    }

    void row_conditions()
    {
        const bool by_few = walk_ == Walk::customers || walk_ == Walk::aside || walk_ == Walk::incident;
        if (by_few || walk_ == Walk::label) assignee_condition();
        if (walk_ != Walk::aside && filter_.aside) out_.text(" AND t.aside || '' = ").value(*filter_.aside);
        // A row by the queue stands apart from nothing.
        if (!by_few && filter_.sort == TicketSort::updated) out_.text(" AND t.aside || '' NOT IN ('spam', 'noise')");
        if (by_few && filter_.label) {
            out_.text(" AND EXISTS (SELECT 1 FROM ticket_label x WHERE x.ticket_id = t.id AND x.label = ").value(*filter_.label).text(")");
        }
        if (walk_ == Walk::incident && filter_.customer) out_.text(" AND t.customer_id = ").value(filter_.customer->value);
        if (walk_ != Walk::brand && !brands_.empty()) brand_condition();
        if (filter_.channel) out_.text(" AND t.channel || '' = ").value(*filter_.channel);
        if (filter_.priority) out_.text(" AND t.priority = ").value(static_cast<std::int64_t>(*filter_.priority));
        if (filter_.snoozed) out_.text(*filter_.snoozed ? " AND t.snoozed_until IS NOT NULL" : " AND t.snoozed_until IS NULL");
        if (filter_.overdue_at) { out_.text(" AND t.queue_rank IS NOT NULL AND t.due_at < ").value(base::to_micros(*filter_.overdue_at)); }
    }

    void assignee_condition()
    {
        if (std::holds_alternative<domain::AgentId>(filter_.assignee)) out_.text(" AND t.assignee_id = ").value(agent());
        if (std::holds_alternative<TicketFilter::Nobody>(filter_.assignee)) out_.text(" AND t.assignee_id IS NULL");
    }

    void brand_condition()
    {
        const char* before = " AND t.brand || '' IN ("; // as in by_due: no search by this
        for (const std::string& brand : brands_) {
            out_.text(before).value(brand);
            before = ", ";
        }
        out_.text(")");
    }

    [[nodiscard]] std::int64_t agent() const { return std::get<domain::AgentId>(filter_.assignee).value; }

    TicketListQuery finish() { return {.sql = interned(out_.sql()), .values = out_.take_values()}; }

    const TicketFilter& filter_;
    const std::vector<std::string>& brands_;
    const TicketCursor* after_;
    const TicketListScope& scope_;
    const bool cuts_stretches_;
    Walk walk_;
    Composer out_;
};

} // namespace

TicketListQuery make_ticket_list_query(const TicketFilter& filter, const std::vector<std::string>& brands,
                                       const std::vector<TicketStatus>& statuses, const TicketCursor* after, std::int64_t limit,
                                       const TicketListScope& scope, bool postgresql)
{
    ListComposer composer(filter, brands, after, scope, postgresql);
    if (filter.sort == TicketSort::due) return composer.by_due(statuses, limit);
    return scope.incident ? composer.of_incident(statuses, limit) : composer.by_update(statuses, limit);
}

std::string_view one_ticket_row_sql()
{
    return one_row;
}

} // namespace sportello::storage
