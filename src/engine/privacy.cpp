#include <sportello/engine/privacy.hpp>

#include "facts.hpp"

#include <sportello/engine/audit.hpp>
#include <sportello/storage/audit.hpp>
#include <sportello/storage/log_parts.hpp>
#include <sportello/storage/people.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using base::Result;
using domain::CustomerId;
using storage::ErasedPerson;
using storage::ExportedField;
using storage::Transaction;
using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

/// What of an event's data tells of a person or repeats a text; numbers, times and states stay.
constexpr std::array<std::string_view, 24> personal{"text",      "subject",         "author", "author_name", "name",        "handle",
                                                    "permalink", "callback_number", "number", "phone",       "note",        "last_text",
                                                    "excerpt",   "title",           "url",    "why",         "shown",       "reason",
                                                    "body",      "customer_name",   "words",  "summary",     "platform_id", "draft"};

bool is_personal(std::string_view key)
{
    return std::ranges::find(personal, key) != personal.end();
}

void blank(nlohmann::json& value)
{
    if (value.is_array()) {
        for (auto& one : value) blank(one);
    } else if (value.is_object()) {
        for (auto& [key, one] : value.items()) {
            if (one.is_string() && is_personal(key)) one = "";
            else blank(one);
        }
    }
}

void blank_events(Transaction& tx, const std::vector<CustomerId>& person)
{
    for (const auto& [seq, data] : storage::events_of_person(tx, person)) {
        auto parsed = nlohmann::json::parse(data, nullptr, false);
        if (parsed.is_discarded()) parsed = nlohmann::json::object();
        blank(parsed);
        std::string text = parsed.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        if (text != data) storage::rewrite_event(tx, seq, text);
    }
}

Json value_of(const ExportedField& field)
{
    if (field.is_null) return nullptr;
    if (field.is_number) {
        std::int64_t number = 0;
        std::from_chars(field.text.data(), field.text.data() + field.text.size(), number);
        return number;
    }
    return field.text;
}

/// The person behind a customer that the actor may decide about.
Result<std::vector<CustomerId>> person_of(Transaction& tx, CustomerId customer, const Actor& actor)
{
    const Error none(ErrorKind::not_found, "there is no customer " + std::to_string(customer.value));
    if (!storage::customer_since(tx, customer)) return none;
    auto person = storage::one_person(tx, customer);
    for (const std::string& brand : storage::brands_of_person(tx, person)) {
        if (!actor.may_see(brand)) return none;
    }
    return person;
}

std::filesystem::path list_of(const Settings& settings)
{
    return settings.lineage_file.empty() ? std::filesystem::path() : std::filesystem::path(settings.lineage_file.string() + ".erasures");
}

std::optional<Instant> before(Instant now, base::Duration kept)
{
    return kept > 0s ? std::optional(now - kept) : std::nullopt;
}

} // namespace

Privacy::Privacy(storage::Database& db, const Settings& settings, base::Clock& clock) : db_(db), settings_(settings), clock_(clock) {}

asio::awaitable<Result<std::string>> Privacy::export_person(CustomerId customer, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<std::string> {
        const auto person = person_of(tx, customer, command.actor);
        if (!person) return person.error();
        Json whole{{"customer", customer.value}, {"exported_at", base::to_rfc3339(now)}};
        for (const char* section : storage::export_sections()) whole[section] = Json::array();
        storage::export_person(tx, *person, [&](std::string_view section, const std::vector<ExportedField>& row) {
            Json object = Json::object();
            for (const ExportedField& field : row) object[std::string(field.name)] = value_of(field);
            whole[std::string(section)].push_back(std::move(object));
        });
        audit(tx, command, {.action = "customer.exported", .object = "customer", .object_id = std::to_string(customer.value)}, now);
        return whole.dump(-1, ' ', false, Json::error_handler_t::replace);
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<ErasedPerson>> Privacy::erase(CustomerId customer, std::string reason, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<ErasedPerson> {
        const auto person = person_of(tx, customer, command.actor);
        if (!person) return person.error();
        if (storage::replies_on_their_way(tx, *person) > 0)
            return Error(ErrorKind::conflict,
                         "a reply to this person is on its way, or its outcome is not known: cancel it or decide it first");
        blank_events(tx, *person);
        ErasedPerson erased = storage::erase_person(tx, *person, now);
        const nlohmann::json found{{"identities", erased.identities},
                                   {"tickets", erased.tickets},
                                   {"messages", erased.messages},
                                   {"replies", erased.replies},
                                   {"files", erased.files}};
        audit(
            tx, command,
            {.action = "customer.erased", .object = "customer", .object_id = std::to_string(customer.value), .brand = {}, .reason = reason},
            nlohmann::json(), found, now);
        tell(tx, "customer.erased", now, std::nullopt, nullptr, {{"customer", customer.value}});
        return erased;
    };
    auto erased = co_await db_.write(unit);
    if (!erased) co_return erased;
    // Backups hold the person still: the list beside the database sees to it that a restored one forgets again.
    if (const auto noted = note_erasure(*erased); !noted) spdlog::error("erasure {}: {}", erased->id, noted.error().what());
    co_return erased;
}

Result<void> Privacy::note_erasure(const ErasedPerson& person) const
{
    const auto path = list_of(settings_);
    if (path.empty()) return {};
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) return Error(ErrorKind::unavailable, path.string() + ": " + std::strerror(errno));
    const std::string line = std::to_string(person.customer.value) + " " + std::to_string(base::to_micros(person.customer_since)) + " " +
                             std::to_string(base::to_micros(person.at)) + "\n";
    const bool written = write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fsync(file) == 0;
    if (close(file) != 0 || !written) return Error(ErrorKind::unavailable, path.string() + ": " + std::strerror(errno));
    return {};
}

Result<std::size_t> Privacy::reapply_erasures()
{
    std::ifstream list(list_of(settings_));
    std::size_t count = 0;
    for (std::string line; std::getline(list, line);) {
        std::istringstream words(line);
        std::int64_t customer = 0;
        std::int64_t since = 0;
        if (!(words >> customer >> since)) continue;
        const CustomerId id{customer};
        const Instant now = clock_.now();
        auto unit = [&](Transaction& tx) -> Result<bool> {
            const auto known = storage::customer_since(tx, id);
            if (!known || base::to_micros(*known) != since || storage::is_erased(tx, id)) return false;
            const auto person = storage::one_person(tx, id);
            blank_events(tx, person);
            (void)storage::erase_person(tx, person, now);
            storage::AuditEntry entry;
            entry.at = now;
            entry.action = "customer.erased";
            entry.object = "customer";
            entry.object_id = std::to_string(customer);
            entry.reason = "the database was restored from before the erasure";
            storage::append_audit(tx, std::move(entry));
            return true;
        };
        const auto done = db_.write_now(unit);
        if (!done) return done.error();
        count += *done ? 1 : 0;
    }
    return count;
}

asio::awaitable<Result<std::optional<Instant>>> Privacy::forget_old()
{
    const Instant now = clock_.now();
    const RetentionSettings& kept = settings_.retention;
    storage::Forgetting what;
    what.messages = before(now, kept.messages);
    what.raw = before(now, kept.raw);
    what.events = before(now, kept.events);
    what.attachments = before(now, kept.attachments);
    what.sessions = before(now, kept.sessions);
    what.deliveries = before(now, kept.deliveries);
    if (what.events) { // by itself: what else is written meanwhile does not wait for the log's readers with it
        auto drop = [&](Transaction& tx) -> Result<storage::DroppedLog> { return storage::drop_old_log(tx, *what.events); };
        const auto dropped = co_await db_.write(drop);
        if (!dropped) co_return dropped.error();
        if (dropped->events > 0) spdlog::info("retention: {} events dropped with their part of the log", dropped->events);
        if (dropped->rest_waits) what.events.reset();
    }
    auto unit = [&](Transaction& tx) -> Result<storage::Forgotten> { return storage::forget_old(tx, what); };
    const auto forgotten = co_await db_.write(unit);
    if (!forgotten) co_return forgotten.error();
    if (forgotten->rows > 0) spdlog::info("retention: {} rows forgotten", forgotten->rows);
    // A little at a time: whoever waits for the writer does not wait long.
    co_return now + (forgotten->more ? base::Duration(1s) : base::Duration(1h));
}

} // namespace sportello::engine
