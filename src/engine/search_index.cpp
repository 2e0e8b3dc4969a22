#include "search_index.hpp"

#include <sportello/domain/search.hpp>
#include <sportello/engine/search.hpp>
#include <sportello/engine/shield.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/notes.hpp>
#include <sportello/storage/people.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/search.hpp>
#include <sportello/storage/tickets.hpp>

#include <chrono>

namespace sportello::engine {
namespace {

using storage::SearchKind;
using storage::Transaction;
using namespace std::chrono_literals;

constexpr std::int64_t indexed_at_once = 500;
constexpr base::Duration between_index_batches = 50ms; // a flood of customers comes first
constexpr base::Duration tidy_index_every = 6h;        // it may rewrite the whole index
constexpr base::Duration merge_index_every = 10s;

void put(Transaction& tx, const Settings& settings, SearchKind kind, std::int64_t reference, std::string_view text, std::string_view names,
         std::string_view brand, std::string_view channel)
{
    const auto found = settings.personal_data.find(text);
    std::vector<std::string> secrets;
    for (const domain::PersonalData& data : found) secrets.push_back(digest_of(data));
    const domain::SearchMarks marks{storage::to_string(kind), brand, channel};
    const std::string terms = domain::search_terms(found.empty() ? std::string(text) : domain::mask(text, found), names, secrets, marks);
    storage::put_search_document(tx, kind, reference, brand, terms);
}

void index_one(Transaction& tx, const Settings& settings, SearchKind kind, std::int64_t id)
{
    switch (kind) {
    case SearchKind::message:
        if (auto message = storage::find_message(tx, domain::MessageId{id})) {
            if (message->deleted_at) message->text.clear();
            if (message->direction == domain::Direction::outbound) message->author_name.clear();
            index_message(tx, settings, *message);
        }
        return;
    case SearchKind::reply:
        if (const auto reply = storage::find_reply(tx, domain::ReplyId{id})) index_reply(tx, settings, *reply);
        return;
    case SearchKind::note:
        index_note(tx, settings, domain::NoteId{id});
        return;
    case SearchKind::subject:
        if (const auto ticket = storage::find_ticket(tx, domain::TicketId{id})) index_subject(tx, settings, *ticket);
        return;
    case SearchKind::person:
        storage::index_person(tx, domain::IdentityId{id});
    }
}

} // namespace

void index_message(Transaction& tx, const Settings& settings, const domain::Message& message)
{
    if (message.text.empty()) storage::drop_search_document(tx, SearchKind::message, message.id.value);
    else put(tx, settings, SearchKind::message, message.id.value, message.text, message.author_name, message.brand, message.channel);
}

void index_reply(Transaction& tx, const Settings& settings, const domain::Reply& reply)
{
    const auto ticket = storage::find_ticket(tx, reply.ticket);
    if (ticket) put(tx, settings, SearchKind::reply, reply.id.value, reply.text, "", ticket->brand, reply.channel);
}

void index_note(Transaction& tx, const Settings& settings, domain::NoteId id)
{
    const auto note = storage::find_note(tx, id);
    if (!note) return;
    const auto ticket = storage::find_ticket(tx, note->ticket);
    if (ticket) put(tx, settings, SearchKind::note, id.value, note->text, "", ticket->brand, ticket->channel);
}

void index_subject(Transaction& tx, const Settings& settings, const domain::Ticket& ticket)
{
    put(tx, settings, SearchKind::subject, ticket.id.value, ticket.subject, "", ticket.brand, ticket.channel);
}

boost::asio::awaitable<base::Result<std::optional<base::Instant>>> SearchIndex::keep()
{
    const base::Instant now = clock_.now();
    if (!all_indexed_) {
        auto look = [](Transaction& tx) -> base::Result<bool> {
            for (const SearchKind kind : storage::search_kinds) {
                if (storage::search_backlog(tx, kind)) return true;
            }
            return false;
        };
        const auto left = co_await db_.read(look);
        if (!left) co_return left.error();
        all_indexed_ = !*left;
    }
    if (!all_indexed_) {
        auto unit = [&](Transaction& tx) -> base::Result<bool> {
            if (storage::merge_search_index(tx)) return true; // in between: from sixteen pieces on FTS5 would not wait
            for (const SearchKind kind : storage::search_kinds) {
                const auto upto = storage::search_backlog(tx, kind);
                if (!upto) continue;
                const auto ids = storage::rows_to_index(tx, kind, *upto, indexed_at_once);
                for (const std::int64_t id : ids) index_one(tx, settings_, kind, id);
                storage::set_search_backlog(tx, kind, ids.empty() ? std::nullopt : std::optional(ids.back() - 1));
                return true;
            }
            return false;
        };
        const auto more = co_await db_.write(unit);
        if (!more) co_return more.error();
        all_indexed_ = !*more;
        co_return std::optional(now + between_index_batches);
    }
    const auto tidying = co_await tidy(now);
    if (!tidying || *tidying) co_return tidying;
    co_return co_await merge(now);
}

boost::asio::awaitable<base::Result<std::optional<base::Instant>>> SearchIndex::tidy(base::Instant now)
{
    if (tidied_at_ && now < *tidied_at_ + tidy_index_every) co_return std::optional<base::Instant>();
    if (!untidy_) {
        auto look = [](Transaction& tx) -> base::Result<std::optional<std::int64_t>> { return storage::untidy_search_index(tx); };
        const auto untidy = co_await db_.read(look);
        if (!untidy) co_return untidy.error();
        untidy_ = *untidy;
        if (!untidy_) co_return std::optional<base::Instant>();
    }
    auto unit = [&](Transaction& tx) -> base::Result<bool> {
        if (storage::tidy_search_index(tx)) return true;
        storage::note_search_index_tidy(tx, *untidy_);
        return false;
    };
    const auto more = co_await db_.write(unit);
    if (!more) co_return more.error();
    if (*more) co_return std::optional(now + between_index_batches);
    untidy_.reset();
    tidied_at_ = now;
    co_return std::optional<base::Instant>();
}

boost::asio::awaitable<base::Result<std::optional<base::Instant>>> SearchIndex::merge(base::Instant now)
{
    if (merged_at_ && now < *merged_at_ + merge_index_every) co_return std::optional(*merged_at_ + merge_index_every);
    auto look = [](Transaction& tx) -> base::Result<bool> { return storage::has_search_pieces(tx); };
    const auto ours = co_await db_.read(look);
    if (!ours) co_return ours.error();
    if (!*ours) co_return std::optional<base::Instant>();
    auto unit = [](Transaction& tx) -> base::Result<bool> { return storage::merge_search_index(tx); };
    const auto more = co_await db_.write(unit);
    if (!more) co_return more.error();
    if (*more) co_return std::optional(now + between_index_batches);
    merged_at_ = now;
    co_return std::optional<base::Instant>();
}

} // namespace sportello::engine
