#include <sportello/engine/attachments.hpp>

#include "facts.hpp"
#include "file_sniffer.hpp"
#include "file_store.hpp"
#include "patience.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/file_kind.hpp>
#include <sportello/storage/tickets.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using base::Result;
using storage::StoredAttachment;
using storage::Transaction;
using storage::Upload;
using namespace std::chrono_literals;

constexpr std::int64_t largest_fetch = 20;
constexpr base::Duration unused_lives = 24h;
constexpr std::int32_t most_fetches = 8; ///< from half a minute to an hour: two hours in all
constexpr std::int64_t most_removed = 100;

std::vector<std::string> hosts_of(domain::Platform platform, const AttachmentSettings& settings)
{
    std::vector<std::string> hosts = settings.hosts;
    if (platform == domain::Platform::twitter) hosts.insert(hosts.end(), {".twimg.com"});
    else hosts.insert(hosts.end(), {".fbcdn.net", ".fbsbx.com", ".facebook.com"});
    return hosts;
}

base::Duration pause_after_fetch(std::int32_t attempts)
{
    return std::min<base::Duration>(1h, 30s * (1LL << std::clamp(attempts - 1, 0, 10)));
}

/// Files whose last row went away. The row of a file is written by the same writer, so none comes between.
void remove_forgotten(Transaction& tx, const FileStore& files)
{
    for (const std::string& digest : storage::forgotten_files(tx, most_removed)) {
        if (!storage::is_file_used(tx, digest)) files.remove(digest);
        storage::file_was_removed(tx, digest);
    }
}

/// Why a fetched file is not kept, and whether another try may help.
struct FetchOutcome {
    std::string why;
    bool final = false;
};

FetchOutcome judge(const Result<FileSource::Fetched>& fetched, domain::Platform platform)
{
    if (!fetched) return {fetched.error().what(), false};
    if (fetched->status == 200) {
        if (fetched->bytes.empty()) return {"the platform sent an empty file", true};
        return {};
    }
    if (fetched->status == 401 || fetched->status == 403) {
        if (platform == domain::Platform::twitter) return {"X shows this file to the account itself only: open it there", true};
        return {"the platform does not show the file any more", true};
    }
    if (fetched->status == 404 || fetched->status == 410) return {"the file is not on the platform any more", true};
    return {"the platform answered " + std::to_string(fetched->status), false};
}

} // namespace

Attachments::Attachments(asio::any_io_executor executor, storage::Database& db, const Settings& settings, base::Clock& clock)
    : db_(db), settings_(settings), clock_(clock), signal_(clock, std::move(executor))
{
}

asio::awaitable<void> Attachments::run()
{
    while (!settings_.attachments.folder.empty() && !stopping_) {
        const Instant next = co_await round();
        if (!stopping_) co_await signal_.wait_until(next);
    }
}

void Attachments::stop()
{
    stopping_ = true;
    signal_.notify();
}

void Attachments::wake()
{
    signal_.notify();
}

/// Fetches what is due and removes what nobody needs. @return when to look again.
asio::awaitable<Instant> Attachments::round()
{
    const Instant now = clock_.now();
    const FileStore files(settings_.attachments.folder);
    const bool fetches = source_ && settings_.attachments.fetch;
    bool anything_old = false;
    auto look = [&](Transaction& tx) -> Result<std::vector<StoredAttachment>> {
        anything_old = !storage::forgotten_files(tx, 1).empty() || storage::has_unused_uploads(tx, now - unused_lives);
        return fetches ? storage::attachments_to_fetch(tx, now, largest_fetch) : std::vector<StoredAttachment>();
    };
    auto due = co_await db_.read(look);
    if (!due) co_return now + 1min;
    for (StoredAttachment& attachment : *due) {
        if (stopping_) co_return now;
        co_await fetch(std::move(attachment));
    }
    if (anything_old) {
        auto clean = [&](Transaction& tx) -> Result<void> {
            storage::forget_unused_uploads(tx, now - unused_lives, most_removed);
            remove_forgotten(tx, files);
            return {};
        };
        const auto cleaned = co_await db_.write(clean);
        if (!cleaned) spdlog::error("files: {}", cleaned.error().what());
    }
    auto next = [&](Transaction& tx) -> Result<std::optional<Instant>> { return storage::next_attachment_fetch(tx); };
    const auto found = co_await db_.read(next);
    if (!found) co_return now + 1min;
    const Instant latest = clock_.now() + idle_look;
    co_return fetches ? std::clamp(found->value_or(latest), clock_.now() + 1s, latest) : latest;
}

asio::awaitable<void> Attachments::fetch(StoredAttachment attachment)
{
    const FileStore files(settings_.attachments.folder);
    std::string url = attachment.url;
    auto hosts = hosts_of(attachment.platform, settings_.attachments);
    auto fetched = co_await source_->fetch(std::move(url), std::move(hosts), settings_.attachments.most_bytes);
    ++attachment.attempts;
    FetchOutcome outcome = judge(fetched, attachment.platform);
    if (outcome.why.empty()) {
        const auto kept = files.put(fetched->bytes);
        if (kept) {
            attachment.digest = *kept;
            attachment.bytes = std::ssize(fetched->bytes);
            attachment.media_type = media_type_of(fetched->bytes);
            attachment.state = "stored";
            attachment.reason.clear();
        } else {
            outcome = {kept.error().what(), false};
        }
    }
    std::optional<Instant> next;
    if (!outcome.why.empty()) {
        attachment.reason = outcome.why;
        if (outcome.final || attachment.attempts >= most_fetches) attachment.state = "refused";
        else next = clock_.now() + pause_after_fetch(attachment.attempts);
    }
    const Instant now = clock_.now();
    auto note = [&](Transaction& tx) -> Result<void> {
        const bool there = storage::save_attachment(tx, attachment, next);
        if (!attachment.digest.empty() && (!there || !files.has(attachment.digest))) {
            // Erased while it came in, or the same file was removed a moment ago for another row.
            if (there) {
                if (const auto again = files.put(fetched->bytes); !again) return again.error();
            } else {
                storage::forget_file(tx, attachment.digest);
            }
        }
        if (there && !next) {
            tell(tx, "attachment." + attachment.state, now, attachment.ticket, nullptr,
                 {{"attachment", attachment.id}, {"message", attachment.message.value}});
        }
        return {};
    };
    const auto noted = co_await db_.write(note);
    if (!noted) spdlog::error("attachment {}: {}", attachment.id, noted.error().what());
}

asio::awaitable<Result<Upload>> Attachments::upload(domain::TicketId ticket, std::string name, std::string bytes, Command command)
{
    const auto wrong = [](std::string detail) { return Error(ErrorKind::invalid_input, "the file " + detail, {{"/file", detail}}); };
    if (settings_.attachments.folder.empty()) co_return Error(ErrorKind::conflict, "this server keeps no files");
    if (bytes.empty()) co_return wrong("is empty");
    if (bytes.size() > settings_.attachments.most_bytes)
        co_return wrong("is larger than the " + std::to_string(settings_.attachments.most_bytes >> 20) + " MB allowed here");
    const FileStore files(settings_.attachments.folder);
    const Instant now = clock_.now();
    Upload upload;
    upload.ticket = ticket;
    upload.agent = command.actor.id;
    upload.media_type = media_type_of(bytes);
    upload.name = domain::safe_file_name(base::clean_utf8(name), upload.media_type);
    upload.bytes = std::ssize(bytes);
    upload.at = now;
    // Who may not see the ticket does not fill the disk either.
    auto look = [&](Transaction& tx) -> Result<bool> {
        const auto found = visible_ticket(tx, ticket, command.actor);
        if (!found) return found.error();
        const auto before = made_before(tx, command);
        if (!before) return before.error();
        if (*before) {
            const auto made = storage::find_upload(tx, **before);
            if (!made) return made.error();
            upload = *made;
            return true;
        }
        const bool facebook = found->platform == domain::Platform::facebook;
        const auto size = static_cast<std::uint64_t>(upload.bytes);
        const std::string in_private = domain::sending_obstacle(facebook, true, upload.media_type, size);
        if (!in_private.empty() && !domain::sending_obstacle(facebook, false, upload.media_type, size).empty()) return wrong(in_private);
        return false;
    };
    const auto known = co_await db_.read(look);
    if (!known) co_return known.error();
    if (*known) co_return upload;
    const auto kept = files.put(bytes);
    if (!kept) co_return kept.error();
    upload.digest = *kept;
    auto note = [&](Transaction& tx) -> Result<Upload> {
        // The same file may have been removed a moment ago for another row.
        if (!files.has(upload.digest)) {
            if (const auto again = files.put(bytes); !again) return again.error();
        }
        upload.id = storage::insert_upload(tx, upload);
        if (const auto remembered = remember_made(tx, command, upload.id, now); !remembered) return remembered.error();
        return upload;
    };
    co_return co_await db_.write(note);
}

asio::awaitable<Result<FileContent>> Attachments::of_message(std::int64_t id, Actor actor)
{
    auto look = [&](Transaction& tx) -> Result<StoredAttachment> {
        auto found = storage::find_attachment(tx, id);
        const Error none(ErrorKind::not_found, "there is no attachment " + std::to_string(id));
        if (!found || !found->ticket || !visible_ticket(tx, *found->ticket, actor)) return none;
        return found;
    };
    const auto found = co_await db_.read(look);
    if (!found) co_return found.error();
    if (found->state == "erased") co_return Error(ErrorKind::not_found, "the file was erased");
    if (found->state != "stored")
        co_return Error(ErrorKind::conflict, found->reason.empty() ? "the file was not fetched yet" : found->reason);
    auto bytes = FileStore(settings_.attachments.folder).get(found->digest);
    if (!bytes) co_return bytes.error();
    FileContent content;
    content.media_type = found->media_type;
    content.name = domain::safe_file_name(found->name, content.media_type);
    content.is_safe_image = domain::is_safe_image(*bytes);
    content.bytes = std::move(*bytes);
    co_return content;
}

asio::awaitable<Result<FileContent>> Attachments::of_upload(std::int64_t id, Actor actor)
{
    auto look = [&](Transaction& tx) -> Result<Upload> {
        auto found = storage::find_upload(tx, id);
        const Error none(ErrorKind::not_found, "there is no upload " + std::to_string(id));
        if (!found || !visible_ticket(tx, found->ticket, actor)) return none;
        return found;
    };
    const auto found = co_await db_.read(look);
    if (!found) co_return found.error();
    auto bytes = FileStore(settings_.attachments.folder).get(found->digest);
    if (!bytes) co_return bytes.error();
    FileContent content;
    content.media_type = found->media_type;
    content.name = found->name.empty() ? "file" : found->name;
    content.is_safe_image = domain::is_safe_image(*bytes);
    content.bytes = std::move(*bytes);
    co_return content;
}

} // namespace sportello::engine
