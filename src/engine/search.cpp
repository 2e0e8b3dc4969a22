#include <sportello/engine/search.hpp>

#include <sportello/engine/people.hpp>
#include <sportello/engine/shield.hpp>
#include <sportello/engine/ticketing.hpp>
#include <sportello/storage/incidents.hpp>
#include <sportello/storage/ticket_filter.hpp>

#include <algorithm>
#include <charconv>
#include <map>

namespace sportello::engine {
namespace {

using storage::SearchHit;
using storage::SearchKind;
using storage::Transaction;

constexpr std::size_t most_ranked = 1'000;

/// How many of a kind are ranked, and how many are looked at when a filter lets little of a word through that is everywhere: the newest.
struct Share {
    std::size_t ranked;
    std::int64_t looked_at;
};

/// What is not a message mostly says what the messages around it say, so beside them it gets little room: a search over everything
/// then costs little more than one of messages.
constexpr Share share_of(SearchKind kind, bool of_everything)
{
    if (!of_everything) return {most_ranked, 2'500};
    return kind == SearchKind::message ? Share{800, 2'500} : Share{200, 500};
}

/// Whether a hit is for this reader and within the filter; asked once a ticket.
class Gate {
public:
    /// @param ranks  the places in the queue will be asked for
    Gate(Transaction& tx, const Actor& actor, const SearchRequest& request, bool ranks = false)
        : tx_(tx), actor_(actor), request_(request), ranks_(ranks)
    {
    }

    bool lets(const SearchHit& hit)
    {
        if (request_.from && hit.at < *request_.from) return false;
        if (request_.until && hit.at >= *request_.until) return false;
        if (hit.kind == SearchKind::person) return lets_customer(hit.customer);
        if (!hit.ticket) return false;
        const auto [known, is_new] = tickets_.try_emplace(*hit.ticket);
        if (is_new) known->second = look_at(*hit.ticket);
        return request_.query.has_secret() ? known->second.with_secrets : known->second.passes;
    }
    [[nodiscard]] std::optional<std::int64_t> queue_rank(domain::TicketId ticket) const { return tickets_.at(ticket).queue_rank; }
    [[nodiscard]] base::Instant updated_at(domain::TicketId ticket) const { return tickets_.at(ticket).updated_at; }

private:
    struct Known {
        bool passes = false;
        bool with_secrets = false; ///< also as an answer to personal data
        std::optional<std::int64_t> queue_rank;
        base::Instant updated_at{};
    };

    Known look_at(domain::TicketId id)
    {
        Known known;
        storage::with_ticket_facts(tx_, id, [&](const storage::TicketFacts& ticket) {
            known.passes = storage::is_shown(request_.filter, ticket);
            known.updated_at = ticket.updated_at;
        });
        if (known.passes && request_.incident) {
            const auto member = storage::membership_of(tx_, id);
            known.passes = member && member->incident == *request_.incident;
        }
        if (!known.passes) return known;
        if (actor_.role == domain::Role::phone || request_.query.has_secret() || ranks_) {
            const auto ticket = storage::find_ticket(tx_, id);
            known.queue_rank = ticket ? storage::queue_rank(*ticket) : std::nullopt;
            known.passes = ticket && may_see_ticket(tx_, *ticket, actor_);
            known.with_secrets = known.passes && may_see_personal_data(actor_, *ticket);
        }
        return known;
    }

    bool lets_customer(std::int64_t id)
    {
        const bool of_tickets = !request_.filter.statuses.empty() || request_.filter.label || request_.filter.priority ||
                                request_.filter.channel || request_.filter.aside || request_.filter.overdue_at || request_.filter.snoozed ||
                                request_.incident || request_.filter.assignee.index() != 0;
        if (of_tickets || request_.query.has_secret()) return false;
        if (request_.filter.customer && request_.filter.customer->value != id) return false;
        const auto [known, is_new] = customers_.try_emplace(id);
        Actor scope = actor_;
        if (!request_.filter.brands.empty()) scope.brands = request_.filter.brands; // the reader's, or one of them
        if (is_new) known->second = may_see_customer(tx_, domain::CustomerId{id}, scope);
        return known->second;
    }

    Transaction& tx_;
    const Actor& actor_;
    const SearchRequest& request_;
    const bool ranks_;
    std::map<domain::TicketId, Known> tickets_;
    std::map<std::int64_t, bool> customers_;
};

bool is_better(const SearchResult& a, const SearchResult& b)
{
    if (a.score != b.score) return a.score > b.score;
    if (a.at != b.at) return a.at > b.at;
    return std::pair(a.kind, a.reference) > std::pair(b.kind, b.reference);
}

/// @param with_persons  an answer may be a person, who is of no ticket: it costs as much as there are messages with the words
std::vector<SearchResult> find(Transaction& tx, const SearchRequest& request, Gate& gate, bool with_persons)
{
    std::vector<SearchResult> found;
    std::map<std::int64_t, std::size_t> customers; // a person of several identities is one hit
    for (const SearchKind kind : storage::search_kinds) {
        if (kind == SearchKind::person && !with_persons) continue;
        if (!request.kinds.empty() && std::ranges::find(request.kinds, kind) == request.kinds.end()) continue;
        const auto place = static_cast<std::size_t>(kind) - 1;
        const auto upto = place < request.horizon.size() ? std::optional(request.horizon[place]) : std::nullopt;
        const Share share = share_of(kind, request.kinds.empty());
        std::size_t of_kind = 0;
        const auto take = [&](const SearchHit& hit) {
            // A phrase rules out most of what holds its words, at less cost than a look at the ticket; else the ticket does.
            if (request.query.phrases.empty() && !gate.lets(hit)) return true;
            const auto score = domain::search_score(request.query, hit.terms);
            if (!score || !gate.lets(hit)) return true;
            if (hit.kind == SearchKind::person) {
                const auto [known, is_new] = customers.try_emplace(hit.customer, found.size());
                if (!is_new) {
                    found[known->second].score = std::max(found[known->second].score, *score);
                    return true;
                }
            }
            found.push_back({hit.kind, hit.reference, hit.ticket, hit.customer, hit.at, *score});
            return ++of_kind < share.ranked;
        };
        storage::for_each_search_hit(tx, kind, request.query, request.filter.brands, request.filter.channel.value_or(""), upto,
                                     share.looked_at, take);
    }
    if (found.size() > most_ranked) { // the newest of all kinds together
        std::ranges::sort(found, [](const SearchResult& a, const SearchResult& b) { return a.at > b.at; });
        found.resize(most_ranked);
    }
    return found;
}

} // namespace

domain::SearchQuery read_search(const Settings& settings, std::string_view typed)
{
    const auto found = settings.personal_data.find(typed);
    std::vector<std::string> secrets;
    std::string rest(typed);
    for (auto data = found.rbegin(); data != found.rend(); ++data) {
        secrets.push_back(digest_of(*data));
        rest.replace(data->begin, data->end - data->begin, " ");
    }
    return domain::parse_search(rest, secrets);
}

std::optional<domain::TicketId> ticket_named(std::string_view typed)
{
    while (!typed.empty() && typed.front() == ' ') typed.remove_prefix(1);
    while (!typed.empty() && typed.back() == ' ') typed.remove_suffix(1);
    if (typed.starts_with('#')) typed.remove_prefix(1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
    if (typed.empty() || error != std::errc() || end != typed.data() + typed.size() || number <= 0) return std::nullopt;
    return domain::TicketId{number};
}

SearchHorizon search_horizon(Transaction& tx)
{
    SearchHorizon horizon;
    for (const SearchKind kind : storage::search_kinds) horizon.push_back(storage::last_search_reference(tx, kind));
    return horizon;
}

std::vector<SearchResult> search_documents(Transaction& tx, const Settings&, const Actor& actor, const SearchRequest& request)
{
    Gate gate(tx, actor, request);
    auto found = find(tx, request, gate, true);
    std::ranges::sort(found, is_better);
    return found;
}

std::vector<SearchResult> search_tickets(Transaction& tx, const Settings&, const Actor& actor, const SearchRequest& request,
                                         std::optional<storage::TicketSort> sort)
{
    Gate gate(tx, actor, request, sort == storage::TicketSort::due);
    std::map<domain::TicketId, SearchResult> best;
    for (const SearchResult& one : find(tx, request, gate, false)) {
        if (!one.ticket) continue;
        const auto [known, is_new] = best.try_emplace(*one.ticket, one);
        if (!is_new && is_better(one, known->second)) known->second = one;
    }
    std::vector<SearchResult> tickets;
    for (const auto& [id, one] : best) {
        if (sort != storage::TicketSort::due || gate.queue_rank(id)) tickets.push_back(one);
    }
    const auto before = [&](const SearchResult& a, const SearchResult& b) {
        if (sort == storage::TicketSort::updated) {
            return std::pair(gate.updated_at(*a.ticket), *a.ticket) > std::pair(gate.updated_at(*b.ticket), *b.ticket);
        }
        if (sort == storage::TicketSort::due) {
            return std::pair(gate.queue_rank(*a.ticket), *a.ticket) < std::pair(gate.queue_rank(*b.ticket), *b.ticket);
        }
        return is_better(a, b);
    };
    std::ranges::sort(tickets, before);
    return tickets;
}

} // namespace sportello::engine
