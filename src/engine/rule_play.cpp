#include <sportello/engine/rule_play.hpp>

#include "facts.hpp"
#include "triage.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/language.hpp>
#include <sportello/domain/noise.hpp>
#include <sportello/domain/ticket_rules.hpp>
#include <sportello/storage/messages.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/tickets.hpp>
#include <sportello/storage/timeline.hpp>
#include <sportello/storage/triage.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace sportello::engine {
namespace {

using base::Instant;
using domain::Ticket;
using domain::TicketId;
using domain::TriageClock;
using domain::TriageRule;
using domain::TriageTrigger;
using storage::Transaction;

constexpr std::size_t most_samples = 5;
constexpr std::size_t sample_length = 120;
constexpr std::int64_t most_items = 1000; // of one ticket's story

class RulePlayer {
public:
    RulePlayer(Transaction& tx, const Settings& settings, Instant since, Instant now)
        : tx_(tx), settings_(settings), since_(since), now_(now)
    {
        for (const TriageRule& rule : settings.rules) {
            play_.rules.push_back({.name = rule.name, .trigger = rule.trigger, .when = domain::in_words(rule.when), .samples = {}});
        }
        fired_tickets_.resize(settings.rules.size());
    }

    RulePlay play()
    {
        storage::for_each_received(tx_, since_, [&](const storage::PlayedMessage& played) { messages_.push_back(played); });
        for (const storage::PlayedMessage& played : messages_) play_message(played);
        for (const auto& [id, state] : tickets_) play_ticket(TicketId{id});
        play_.tickets = static_cast<std::int64_t>(tickets_.size());
        for (std::size_t i = 0; i < fired_tickets_.size(); ++i)
            play_.rules[i].tickets = static_cast<std::int64_t>(fired_tickets_[i].size());
        return std::move(play_);
    }

private:
    struct Growing {
        Ticket ticket;
        std::vector<std::string> labels;
    };

    void note(std::size_t rule, TicketId ticket, Instant at, std::string_view text, std::vector<std::string> did)
    {
        if (did.empty()) return; // all was so already
        PlayedRule& played = play_.rules[rule];
        ++played.fired;
        fired_tickets_[rule].insert(ticket.value);
        if (played.samples.size() >= most_samples) return;
        played.samples.push_back({ticket, at, base::shorten(settings_.personal_data.masked(text), sample_length), std::move(did)});
    }

    Growing& grow(const storage::PlayedMessage& played)
    {
        const domain::Message& message = played.message;
        const auto target = target_of(settings_, message.brand);
        const auto [place, is_new] = tickets_.try_emplace(message.ticket->value);
        Ticket& ticket = place->second.ticket;
        if (is_new) {
            ticket = domain::open_ticket(message, target, message.at);
            ticket.id = *message.ticket;
            ticket.brand = message.brand;
            ticket.channel = message.channel;
            ticket.platform = message.platform;
            ticket.visibility = message.visibility;
            const BrandSettings* brand = settings_.brand(message.brand);
            ticket.language = domain::language_of(message.text, brand ? std::string_view(brand->language) : std::string_view());
        } else {
            domain::receive_inbound(ticket, message, target, message.at);
        }
        return place->second;
    }

    void play_message(const storage::PlayedMessage& played)
    {
        const domain::Message& message = played.message;
        if (!message.ticket) return;
        ++play_.messages;
        const auto verdict = domain::judge_noise(message, !storage::attachments_of(tx_, message.id).empty());
        play_.noise += verdict.aside == "noise";
        play_.spam += verdict.aside == "spam";
        Growing& growing = grow(played);
        const auto target = target_of(settings_, message.brand);
        domain::TriageFacts facts;
        facts.ticket = &growing.ticket;
        facts.labels = &growing.labels;
        facts.text = message.text;
        facts.kind = message.kind;
        facts.visibility = message.visibility;
        facts.customer_name = message.author_name;
        facts.customer_handle = played.handle;
        facts.known_customer = played.known_customer;
        facts.calendar = target.calendar;
        facts.at = message.at;
        for (std::size_t i = 0; i < settings_.rules.size(); ++i) {
            const TriageRule& rule = settings_.rules[i];
            if (rule.trigger != TriageTrigger::message || !domain::applies(rule, facts)) continue;
            note(i, *message.ticket, message.at, message.text, domain::carry_out(rule, growing.ticket, growing.labels, target, message.at));
            if (rule.stop) break;
        }
    }

    void play_ticket(TicketId id)
    {
        const auto ticket = storage::find_ticket(tx_, id);
        if (!ticket) return;
        for (std::size_t i = 0; i < settings_.rules.size(); ++i) {
            const TriageRule& rule = settings_.rules[i];
            if (rule.trigger == TriageTrigger::change && ticket->status != domain::TicketStatus::closed)
                try_on(i, *ticket, std::nullopt, ticket->updated_at);
            if (rule.trigger == TriageTrigger::delivery) {
                for (const domain::Reply& reply : storage::replies_of_ticket(tx_, id)) {
                    if (reply.accepted_at >= since_) try_on(i, *ticket, reply.state, reply.accepted_at);
                }
            }
            if (rule.trigger == TriageTrigger::time) {
                for (const Instant since : clock_starts(rule, *ticket)) try_on(i, *ticket, std::nullopt, since);
            }
        }
    }

    void try_on(std::size_t i, Ticket ticket, std::optional<domain::Delivery> delivery, Instant at)
    {
        const TriageRule& rule = settings_.rules[i];
        RuleFacts gathered;
        gather_facts(gathered, tx_, settings_, ticket, at);
        gathered.facts.delivery = delivery;
        if (!domain::applies(rule, gathered.facts)) return;
        note(i, ticket.id, at, gathered.text, domain::carry_out(rule, ticket, gathered.labels, target_of(settings_, ticket.brand), now_));
    }

    /// When the rule would have fired: the end of each wait that was long enough.
    std::vector<Instant> clock_starts(const TriageRule& rule, const Ticket& ticket)
    {
        std::vector<Instant> fired;
        const auto* calendar = target_of(settings_, ticket.brand).calendar;
        const auto waited = [&](Instant from, Instant until) {
            const auto due = calendar->add(from, rule.when.after);
            if (due && *due >= since_ && *due <= until) fired.push_back(*due);
        };
        if (rule.when.since == TriageClock::created) waited(ticket.created_at, now_);
        const bool both = rule.when.since == TriageClock::received || rule.when.since == TriageClock::answered;
        if (!both) return fired; // when it was assigned to whom is not kept
        const bool ours = rule.when.since == TriageClock::received;
        std::optional<Instant> from;
        storage::for_each_timeline_item(tx_, ticket.id, std::nullopt, most_items, [&](const storage::TimelineItem& item) {
            const bool message = item.kind == storage::TimelineKind::message;
            const bool reply = item.kind == storage::TimelineKind::reply && item.delivery == "published";
            if (!message && !reply) return;
            const bool begins = (item.direction == "inbound") == ours;
            if (begins && (!from || !ours)) from = item.at;
            if (begins || !from) return;
            waited(*from, item.at);
            from.reset();
        });
        if (from) waited(*from, now_);
        return fired;
    }

    Transaction& tx_;
    const Settings& settings_;
    Instant since_;
    Instant now_;
    RulePlay play_;
    std::vector<storage::PlayedMessage> messages_;
    std::map<std::int64_t, Growing> tickets_;
    std::vector<std::set<std::int64_t>> fired_tickets_;
};

} // namespace

RulePlay play_rules(Transaction& tx, const Settings& settings, Instant since, Instant now)
{
    return RulePlayer(tx, settings, since, now).play();
}

} // namespace sportello::engine
