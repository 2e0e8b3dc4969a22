#pragma once

#include <sportello/base/error.hpp>
#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What helps at the work: canned replies, macros, reminders.
namespace sportello::storage {

enum class AidKind { canned_reply, macro };

/// A canned reply or a macro.
struct Aid {
    std::int64_t id = 0;
    std::string brand;    ///< empty: of all brands
    std::string language; ///< ISO 639-1; empty: of any
    std::string name;     ///< unique for brand and language
    std::string body;     ///< a canned reply's text; a macro's actions as JSON
    base::Instant updated_at{};
    std::int32_t revision = 1;
};
/// `aid.id` and `aid.revision` do not count. @return conflict when the name is taken.
base::Result<std::int64_t> insert_aid(Transaction& tx, AidKind kind, const Aid& aid);
std::optional<Aid> find_aid(Transaction& tx, AidKind kind, std::int64_t id);
/// Writes all but the id; the revision is the one that was read and becomes the new one. @return conflict when somebody
/// changed it since, or the name is taken.
base::Result<void> save_aid(Transaction& tx, AidKind kind, Aid& aid);
void delete_aid(Transaction& tx, AidKind kind, std::int64_t id);

struct AidFilter {
    std::optional<std::string> brand;    ///< those of this brand and of all
    std::optional<std::string> language; ///< those of this language and of any
    std::vector<std::string> visible;    ///< brands that the person who asks may see; empty: all
};
/// By id behind `after`.
std::vector<Aid> aids(Transaction& tx, AidKind kind, const AidFilter& filter, std::int64_t after, std::int64_t limit);

struct Reminder {
    std::int64_t id = 0;
    domain::TicketId ticket;
    domain::AgentId agent;
    base::Instant remind_at{};
    std::string text;
    base::Instant at{};
    std::optional<base::Instant> reminded_at;
};
/// `reminder.id` does not count.
std::int64_t insert_reminder(Transaction& tx, const Reminder& reminder);
std::optional<Reminder> find_reminder(Transaction& tx, std::int64_t id);
void delete_reminder(Transaction& tx, std::int64_t id);
/// Not yet reminded of, the soonest first; at most `limit`.
std::vector<Reminder> reminders_of(Transaction& tx, domain::AgentId agent, std::int64_t limit);
std::vector<Reminder> due_reminders(Transaction& tx, base::Instant now, std::int64_t limit = 100);
std::optional<base::Instant> next_reminder(Transaction& tx);
void mark_reminded(Transaction& tx, std::int64_t id, base::Instant now);

} // namespace sportello::storage
