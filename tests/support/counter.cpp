#include "support/counter.hpp"

namespace sportello::test {

Counter::Counter(Options given)
    : options(std::move(given)), dice(options.seed * 7919 + 1), accounts(make_accounts(dice)), house(house_options())
{
    house.clock.set(options.begins);
    for (int id = 1; id <= options.agents; ++id) desks_.push_back({.agent = id});
    set_everybody(false);
    house.start();
}

const domain::Calendar& Counter::calendar()
{
    static const domain::Calendar office = [] {
        domain::CalendarSpec spec;
        for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = domain::parse_windows("09:00-18:00").value();
        return domain::Calendar::make(spec).value();
    }();
    return office;
}

std::string Counter::customer(const std::string& channel, const std::string& who, const std::string& text, const std::string& answers)
{
    ++messages;
    return accounts.at(channel).customer_writes(who, text, now(), answers);
}

void Counter::minute()
{
    if (open() != office_was_open_) {
        office_was_open_ = open();
        set_everybody(office_was_open_);
    }
    if (office_was_open_) {
        supervise();
        for (Desk& desk : desks_) work(desk);
    }
    house.run_for(std::chrono::minutes(1));
}

std::int64_t Counter::mean_first_response()
{
    return house.count("SELECT coalesce(CAST(avg(first_response_office_seconds) AS INTEGER), 0) FROM ticket "
                       "WHERE first_response_office_seconds IS NOT NULL");
}

std::map<std::string, PlainAccount> Counter::make_accounts(SeededRandom& dice)
{
    std::map<std::string, PlainAccount> made;
    for (const char* brand : {"tim", "telecom", "impresa"}) {
        const std::string facebook = std::string(brand) + "-facebook", x = std::string(brand) + "-x";
        made.emplace(facebook, PlainAccount(facebook, domain::Platform::facebook, dice));
        made.emplace(x, PlainAccount(x, domain::Platform::twitter, dice));
    }
    return made;
}

HouseOptions Counter::house_options()
{
    HouseOptions made;
    made.seed = options.seed;
    made.office_always_open = false;
    made.agents = options.agents;
    made.human_agent = true;
    made.poll = options.poll;
    made.poll_closed = std::chrono::minutes(15);
    made.recheck = std::chrono::hours(6);
    made.three_brands = true;
    made.start_at = options.begins;
    made.settings = options.settings;
    made.connector = [this](const std::string& channel, base::Clock& clock) -> std::unique_ptr<connectors::Connector> {
        return std::make_unique<PlainConnector>(accounts.at(channel), clock);
    };
    return made;
}

void Counter::set_everybody(bool there)
{
    for (Desk& desk : desks_) {
        (void)house.run(house.engine->ticketing().set_availability(domain::AgentId{desk.agent}, there, house.as(desk.agent)));
        desk.ticket = 0;
    }
}

void Counter::supervise()
{
    if (now() < next_look_) return;
    next_look_ = now() + std::chrono::hours(1);
    std::vector<std::int64_t> uncertain;
    (void)house.read([&](storage::Transaction& tx) -> base::Result<void> {
        tx.for_each("SELECT DISTINCT reply_id FROM reply_part WHERE state = 'needs_decision' ORDER BY reply_id",
                    [&](const storage::Row& row) { uncertain.push_back(row.number(0)); });
        return {};
    });
    for (const std::int64_t id : uncertain) {
        const auto known = replies.find(id);
        engine::Decision decision;
        if (known != replies.end()) decision.platform_id = accounts.at(known->second.channel).id_of(known->second.text);
        decision.kind = decision.platform_id.empty() ? engine::Decision::Kind::resend : engine::Decision::Kind::published;
        decision.confirmed = true;
        decided += static_cast<bool>(house.run(house.engine->outbox().decide(domain::ReplyId{id}, decision, house.as(1))));
    }
}

void Counter::work(Desk& desk)
{
    if (desk.ticket != 0 && now() < desk.until) return;
    if (desk.ticket != 0) answer(desk);
    desk.ticket = next_ticket(desk.agent);
    if (desk.ticket == 0) return;
    if (!house.run(house.engine->ticketing().take(domain::TicketId{desk.ticket}, house.as(desk.agent)))) desk.ticket = 0;
    const auto spread = static_cast<std::uint64_t>((options.longest_handling - options.shortest_handling).count());
    desk.until = now() + options.shortest_handling + base::Duration(static_cast<std::int64_t>(dice.below(spread)));
}

std::int64_t Counter::next_ticket(std::int64_t agent)
{
    const std::string where = " AND NOT EXISTS (SELECT 1 FROM reply r WHERE r.ticket_id = t.id AND r.state IN ('queued', 'reserved', "
                              "'sending', 'unknown', 'needs_decision')) ORDER BY queue_rank, id LIMIT 1";
    static std::map<std::int64_t, std::string> sql; // statements are kept by their address
    auto& mine = sql[agent];
    if (mine.empty()) {
        mine = "SELECT id FROM ticket t WHERE queue_rank IS NOT NULL AND team = '' AND assignee_id = " + std::to_string(agent) + where;
    }
    static const std::string free = "SELECT id FROM ticket t WHERE queue_rank IS NOT NULL AND team = '' AND assignee_id IS NULL" + where;
    const auto own = house.count(mine);
    return std::max<std::int64_t>(own > 0 ? own : house.count(free), 0);
}

void Counter::answer(Desk& desk)
{
    const domain::TicketId id{desk.ticket};
    const domain::Ticket ticket = house.ticket(id);
    if (ticket.assignee != domain::AgentId{desk.agent}) return; // somebody else has it now
    engine::ReplyDraft draft;
    draft.text = "Buongiorno, abbiamo verificato: pratica " + std::to_string(++texts_) + ".";
    draft.visibility = ticket.visibility;
    const auto accepted = house.run(house.engine->outbox().accept(id, draft, house.as(desk.agent)));
    if (accepted) {
        replies[accepted->id.value] = {id.value, ticket.channel, draft.text};
        maybe_write_again(ticket);
        return;
    }
    ++refused;
    ++refusals[accepted.error().what()];
    engine::TicketChange solved;
    solved.status = domain::TicketStatus::solved; // nothing else can be done here
    (void)house.run(house.engine->ticketing().change(id, solved, house.as(desk.agent)));
}

void Counter::maybe_write_again(const domain::Ticket& ticket)
{
    if (dice.below(100) >= writes_again_percent) return;
    const auto unit = [&](storage::Transaction& tx) -> base::Result<std::pair<std::string, std::string>> {
        return tx
            .first(
                "SELECT m.platform_id, m.author_name FROM message m WHERE m.ticket_id = $1 AND m.direction = 'inbound' "
                "ORDER BY m.at DESC, m.id DESC LIMIT 1",
                [](const storage::Row& row) { return std::pair(row.string(0), row.string(1)); }, ticket.id)
            .value();
    };
    const auto last = house.read(unit).value();
    customer(ticket.channel, last.second, "Grazie, ma continua a non andare " + std::to_string(texts_),
             ticket.visibility == domain::Visibility::private_ ? "dm" : last.first);
}

} // namespace sportello::test
