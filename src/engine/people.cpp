#include <sportello/engine/people.hpp>

#include "facts.hpp"

#include <sportello/storage/people.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace sportello::engine {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorKind;
using base::Instant;
using domain::CustomerId;
using storage::CustomerLink;
using storage::LinkProposal;
using storage::ProposalState;
using storage::Transaction;

Error no_customer(CustomerId id)
{
    return Error(ErrorKind::not_found, "there is no customer " + std::to_string(id.value));
}

nlohmann::json link_data(const CustomerLink& link)
{
    return {{"customer", link.customer.value}, {"into", link.into.value}};
}

Result<CustomerLink> link(Transaction& tx, CustomerId customer, CustomerId into, std::string why, const Command& command, Instant now)
{
    if (customer == into) return Error(ErrorKind::invalid_input, "it is the same customer", {{"/into", "another customer"}});
    for (const CustomerId one : {customer, into}) {
        if (const auto away = storage::last_link_of(tx, one)) {
            return Error(ErrorKind::conflict, "customer " + std::to_string(one.value) + " was merged into customer " +
                                                  std::to_string(away->into.value) + " already");
        }
    }
    CustomerLink made{
        .id = 0, .customer = customer, .into = into, .agent = command.actor.id, .at = now, .why = std::move(why), .undone_at = {}};
    made.id = storage::link_customers(tx, made);
    tell(tx, "customer.merged", now, std::nullopt, &command, link_data(made));
    return made;
}

Result<void> unlink(Transaction& tx, const CustomerLink& made, const Command& command, Instant now)
{
    if (made.undone_at) return Error(ErrorKind::conflict, "it was taken back already");
    if (const auto later = storage::last_link_of(tx, made.into)) {
        return Error(ErrorKind::conflict, "customer " + std::to_string(made.into.value) + " was merged into customer " +
                                              std::to_string(later->into.value) + " since: take that back first");
    }
    storage::unlink_customers(tx, made, now);
    if (auto proposal = storage::proposal_of_link(tx, made.id)) {
        proposal->state = ProposalState::open;
        proposal->decided_by.reset();
        proposal->decided_at.reset();
        proposal->link.reset();
        storage::save_proposal(tx, *proposal);
    }
    tell(tx, "customer.merge_undone", now, std::nullopt, &command, link_data(made));
    return {};
}

Result<LinkProposal> visible_proposal(Transaction& tx, std::int64_t id, const Actor& actor)
{
    auto proposal = storage::find_proposal(tx, id);
    if (!proposal || !may_see_proposal(*proposal, actor)) {
        return Error(ErrorKind::not_found, "there is no proposal " + std::to_string(id));
    }
    return std::move(*proposal);
}

Result<LinkProposal> decide_in(Transaction& tx, std::int64_t id, bool accept, const Command& command, Instant now)
{
    auto proposal = visible_proposal(tx, id, command.actor);
    if (!proposal) return proposal;
    const auto wanted = accept ? ProposalState::accepted : ProposalState::dismissed;
    if (proposal->state == wanted) return proposal;
    if (proposal->state == ProposalState::accepted) return Error(ErrorKind::conflict, "it was accepted: take that back first");
    if (accept) {
        const auto older = storage::find_identity(tx, proposal->identity_a);
        const auto younger = storage::find_identity(tx, proposal->identity_b);
        if (!older || !younger) return Error(ErrorKind::conflict, "one of the two is not known any more");
        if (older->customer != younger->customer) {
            const std::string what = proposal->kind == "phone" ? "phone number " : "contract number ";
            auto made =
                link(tx, younger->customer, older->customer, "both gave the " + what + proposal->shown + " in private", command, now);
            if (!made) return made.error();
            proposal->link = made->id;
        }
    }
    proposal->state = wanted;
    proposal->decided_by = command.actor.id;
    proposal->decided_at = now;
    storage::save_proposal(tx, *proposal);
    tell(tx, "customer.link_decided", now, std::nullopt, &command, {{"proposal", id}, {"decision", to_string(wanted)}});
    return proposal;
}

Result<LinkProposal> undo_decision_in(Transaction& tx, std::int64_t id, const Command& command, Instant now)
{
    auto proposal = visible_proposal(tx, id, command.actor);
    if (!proposal || proposal->state == ProposalState::open) return proposal;
    if (proposal->link) {
        const auto made = storage::find_link(tx, *proposal->link);
        if (made) {
            if (const auto done = unlink(tx, *made, command, now); !done) return done.error();
        }
    }
    proposal->state = ProposalState::open;
    proposal->decided_by.reset();
    proposal->decided_at.reset();
    proposal->link.reset();
    storage::save_proposal(tx, *proposal);
    tell(tx, "customer.link_decided", now, std::nullopt, &command, {{"proposal", id}, {"decision", "open"}});
    return proposal;
}

} // namespace

People::People(storage::Database& db, base::Clock& clock) : db_(db), clock_(clock) {}

asio::awaitable<Result<CustomerLink>> People::merge(CustomerId customer, CustomerId into, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<CustomerLink> {
        if (!may_see_customer(tx, customer, command.actor)) return no_customer(customer);
        if (!may_see_customer(tx, into, command.actor)) {
            return Error(ErrorKind::invalid_input, no_customer(into).what(), {{"/into", "there is no such customer"}});
        }
        const auto made = made_before(tx, command);
        if (!made) return made.error();
        if (*made) {
            if (auto known = storage::find_link(tx, **made)) return std::move(*known);
        }
        auto linked = link(tx, customer, into, "merged by a person", command, now);
        if (!linked) return linked;
        if (const auto kept = remember_made(tx, command, linked->id, now); !kept) return kept.error();
        return linked;
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<CustomerLink>> People::undo_merge(CustomerId customer, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<CustomerLink> {
        if (!may_see_customer(tx, customer, command.actor)) return no_customer(customer);
        auto made = storage::last_link_of(tx, customer);
        if (!made) return Error(ErrorKind::conflict, "the customer is not merged into another");
        if (const auto done = unlink(tx, *made, command, now); !done) return done.error();
        made->undone_at = now;
        return std::move(*made);
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<LinkProposal>> People::decide(std::int64_t proposal, bool accept, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) { return decide_in(tx, proposal, accept, command, now); };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<LinkProposal>> People::undo_decision(std::int64_t proposal, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) { return undo_decision_in(tx, proposal, command, now); };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<storage::CustomerCard>> People::change(CustomerId customer, CustomerChange change, Command command,
                                                              std::optional<std::int32_t> if_revision)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<storage::CustomerCard> {
        if (!may_see_customer(tx, customer, command.actor)) return no_customer(customer);
        auto card = storage::find_card(tx, customer);
        if (!card) return no_customer(customer);
        if (if_revision && *if_revision != card->revision) return Error(ErrorKind::conflict, "the customer has changed since you read it");
        nlohmann::json changed = nlohmann::json::array();
        const auto take_over = [&](auto& field, auto& given, const char* name) {
            if (!given || *given == field) return;
            field = std::move(*given);
            changed.push_back(name);
        };
        if (change.labels) std::sort(change.labels->begin(), change.labels->end());
        take_over(card->name, change.name, "name");
        take_over(card->contract_reference, change.contract_reference, "contract_reference");
        take_over(card->labels, change.labels, "labels");
        if (changed.empty()) return std::move(*card);
        if (const auto saved = storage::save_card(tx, *card, now); !saved) return saved.error();
        tell(tx, "customer.changed", now, std::nullopt, &command, {{"customer", customer.value}, {"fields", changed}});
        return std::move(*card);
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<storage::CustomerNote>> People::add_note(CustomerId customer, std::string text, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<storage::CustomerNote> {
        if (!may_see_customer(tx, customer, command.actor)) return no_customer(customer);
        const auto made = made_before(tx, command);
        if (!made) return made.error();
        if (*made) {
            if (auto note = storage::find_customer_note(tx, **made)) return std::move(*note);
        }
        const storage::CustomerNote note{
            .id = 0, .customer = customer, .author = command.actor.id, .author_name = {}, .text = text, .at = now};
        const auto id = storage::insert_customer_note(tx, note);
        if (const auto kept = remember_made(tx, command, id, now); !kept) return kept.error();
        tell(tx, "customer.note_added", now, std::nullopt, &command, {{"customer", customer.value}, {"note", id}});
        auto stored = storage::find_customer_note(tx, id);
        if (!stored) return Error(ErrorKind::internal, "a note that was just written is not there");
        return std::move(*stored);
    };
    co_return co_await db_.write(unit);
}

asio::awaitable<Result<void>> People::remove_note(CustomerId customer, std::int64_t note, Command command)
{
    const Instant now = clock_.now();
    auto unit = [&](Transaction& tx) -> Result<void> {
        const auto found = storage::find_customer_note(tx, note);
        if (!found || found->customer != customer || !may_see_customer(tx, customer, command.actor)) {
            return Error(ErrorKind::not_found, "there is no note " + std::to_string(note) + " of this customer");
        }
        const bool supervises = command.actor.role == domain::Role::supervisor || command.actor.role == domain::Role::admin;
        if (found->author != command.actor.id && !supervises) {
            return Error(ErrorKind::forbidden, "a colleague's note is deleted by them or by who supervises");
        }
        storage::delete_customer_note(tx, note);
        tell(tx, "customer.note_removed", now, std::nullopt, &command, {{"customer", customer.value}, {"note", note}});
        return {};
    };
    co_return co_await db_.write(unit);
}

bool may_see_customer(Transaction& tx, CustomerId customer, const Actor& actor)
{
    if (storage::has_ticket_of_brands(tx, customer, actor.brands)) return true;
    const auto away = storage::last_link_of(tx, customer);
    return away && may_see_customer(tx, away->into, actor);
}

bool may_see_proposal(const LinkProposal& proposal, const Actor& actor)
{
    return actor.may_see(proposal.brand_a) && actor.may_see(proposal.brand_b);
}

} // namespace sportello::engine
