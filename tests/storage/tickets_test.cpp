#include "support.hpp"

#include <sportello/storage/events.hpp>
#include <sportello/storage/handovers.hpp>
#include <sportello/storage/notes.hpp>
#include <sportello/storage/queue.hpp>
#include <sportello/storage/replies.hpp>
#include <sportello/storage/timeline.hpp>

namespace sportello::storage::test {
namespace {

using base::ErrorKind;
using domain::Priority;
using domain::Ticket;
using domain::TicketId;
using domain::TicketStatus;

class Tickets : public RepositoryTest {
protected:
    TicketId add(
        const std::string& root, const std::function<void(Ticket&)>& change = [](Ticket&) {})
    {
        const auto identity = person("u1");
        return write_for(*db, [&](Transaction& tx) {
            auto fresh = ticket_of(tx, identity, root);
            change(fresh);
            return insert_ticket(tx, fresh, "because");
        });
    }
    Ticket find(TicketId id)
    {
        return read(*db, [&](Transaction& tx) { return find_ticket(tx, id).value(); });
    }
};

TEST_F(Tickets, ComeBackAsTheyWereStored)
{
    const auto anna = agent("anna");
    Ticket given;
    const auto id = add("r", [&](Ticket& t) {
        t.status = TicketStatus::on_hold;
        t.priority = Priority::urgent;
        t.visibility = domain::Visibility::private_;
        t.assignee = anna;
        t.assigned_why = "fewest open";
        t.last_inbound = domain::MessageId{7};
        t.first_response_at = nine_oclock + 5min;
        t.first_response_office_seconds = 300;
        t.snoozed_until = nine_oclock + 3h;
        t.last_text = "ciao";
        t.last_direction = domain::Direction::outbound;
        t.message_count = 3;
        t.inbound_count = 2;
        given = t;
    });
    const auto found = find(id);
    EXPECT_EQ(found.status, given.status);
    EXPECT_EQ(found.priority, given.priority);
    EXPECT_EQ(found.visibility, given.visibility);
    EXPECT_EQ(found.assignee, given.assignee);
    EXPECT_EQ(found.assigned_why, given.assigned_why);
    EXPECT_EQ(found.last_inbound, given.last_inbound);
    EXPECT_EQ(found.waiting_since, given.waiting_since);
    EXPECT_EQ(found.first_response_at, given.first_response_at);
    EXPECT_EQ(found.first_response_office_seconds, given.first_response_office_seconds);
    EXPECT_EQ(found.due_at, given.due_at);
    EXPECT_EQ(found.snoozed_until, given.snoozed_until);
    EXPECT_EQ(found.last_text, given.last_text);
    EXPECT_EQ(found.last_direction, given.last_direction);
    EXPECT_EQ(found.message_count, given.message_count);
    EXPECT_EQ(found.inbound_count, given.inbound_count);
    EXPECT_EQ(found.revision, 1);
    EXPECT_EQ(read(*db, [](Transaction& tx) { return find_ticket(tx, TicketId{99}).error().kind(); }), ErrorKind::not_found);
}

TEST_F(Tickets, SavingAnOldRevisionIsAConflict)
{
    const auto id = add("r");
    auto mine = find(id);
    auto theirs = find(id);
    const auto before = mine;
    const auto save = [&](Ticket& ticket, const Ticket* old) {
        auto unit = [&](Transaction& tx) { return save_ticket(tx, ticket, old); };
        return db->write_now(unit);
    };
    mine.status = TicketStatus::open;
    ASSERT_TRUE(save(mine, &before));
    EXPECT_EQ(mine.revision, 2);
    EXPECT_EQ(find(id).revision, 2);
    theirs.subject = "other";
    for (const Ticket* hint : {static_cast<const Ticket*>(nullptr), &before}) {
        const auto late = save(theirs, hint);
        ASSERT_FALSE(late);
        EXPECT_EQ(late.error().kind(), ErrorKind::conflict);
    }
    EXPECT_EQ(find(id).status, TicketStatus::open);
}

/// Both ways of saving write the same.
TEST_F(Tickets, TheHintChangesNothingInWhatIsStored)
{
    const std::vector<std::function<void(Ticket&)>> changes{[](Ticket& t) {
                                                                t.last_text = "new";
                                                                t.last_at += 1s;
                                                                t.updated_at += 1s;
                                                                t.message_count = 2;
                                                                t.inbound_count = 2;
                                                            },
                                                            [](Ticket& t) {
                                                                t.status = TicketStatus::solved;
                                                                t.waiting_since.reset();
                                                                t.due_at.reset();
                                                            },
                                                            [](Ticket& t) { t.priority = Priority::high; },
                                                            [](Ticket& t) { t.due_at = nine_oclock + 5h; },
                                                            [](Ticket& t) {
                                                                t.snoozed_until = nine_oclock + 5h;
                                                                t.due_at.reset();
                                                            },
                                                            [](Ticket& t) {
                                                                t.first_response_at = nine_oclock;
                                                                t.first_response_office_seconds = 1;
                                                            },
                                                            [](Ticket& t) {
                                                                t.subject = "s";
                                                                t.assigned_why = "w";
                                                                t.last_inbound = domain::MessageId{5};
                                                            }};
    int n = 0;
    for (const auto& change : changes) {
        const auto plain = add("plain" + std::to_string(++n));
        const auto hinted = add("hinted" + std::to_string(n));
        for (const auto id : {plain, hinted}) {
            const auto before = find(id);
            auto after = before;
            change(after);
            write(*db, [&](Transaction& tx) { ASSERT_TRUE(save_ticket(tx, after, id == hinted ? &before : nullptr)); });
        }
        const auto row = [&](TicketId id) {
            return read(*db, [&](Transaction& tx) {
                return tx.all(
                    "SELECT status, priority, queue_rank, due_at, waiting_since, snoozed_until, updated_at, last_at, "
                    "last_text, message_count, revision, first_response_at, assigned_why, last_inbound_message_id "
                    "FROM ticket WHERE id = $1",
                    [](const Row& r) {
                        std::string all;
                        for (int column = 0; column < 14; ++column) all += r.string(column) + "|";
                        return all;
                    },
                    id);
            });
        };
        EXPECT_EQ(row(plain), row(hinted)) << "change " << n;
    }
}

TEST_F(Tickets, APersonsNextMessageUnderARootGoesWhereTheLastOneIs)
{
    const auto anna = person("u1");
    const auto bruno = person("u2");
    const auto mine = add("r");
    const auto written = [&](const std::string& id, domain::IdentityId identity, TicketId ticket) {
        write(*db, [&](Transaction& tx) {
            auto fresh = item(id, "text");
            fresh.root_id = "r";
            const auto stored = store_item(tx, "tim_twitter", "tim", domain::Platform::twitter, fresh, identity, nine_oclock);
            set_threaded(tx, stored.id, ticket, Intake::done);
        });
    };
    const auto found = [&](domain::IdentityId identity, const std::string& channel = "tim_twitter") {
        return read(*db, [&](Transaction& tx) { return ticket_of_person_under(tx, channel, "r", identity); });
    };
    EXPECT_FALSE(found(anna));
    written("1", anna, mine);
    EXPECT_EQ(found(anna), mine);
    EXPECT_FALSE(found(bruno));
    EXPECT_FALSE(found(anna, "other"));
    const auto later = write_for(*db, [&](Transaction& tx) { return insert_ticket(tx, ticket_of(tx, anna, "r"), "taken up again"); });
    written("2", anna, later);
    written("3", bruno, mine);
    EXPECT_EQ(found(anna), later);
    EXPECT_EQ(read(*db, [&](Transaction& tx) { return tickets_under_root(tx, "tim_twitter", "r").size(); }), 3U);
}

TEST_F(Tickets, TheCustomersOpenTicketIsTheLastInWorkOfThatChannelAndVisibility)
{
    const auto anna = person("u1");
    const auto customer = read(*db, [&](Transaction& tx) { return find_identity(tx, anna)->customer; });
    const auto with = [&](const std::string& root, auto change) {
        return write_for(*db, [&](Transaction& tx) {
            Ticket ticket = ticket_of(tx, anna, root);
            change(ticket);
            return insert_ticket(tx, ticket, "because");
        });
    };
    const auto found = [&](base::Instant since) {
        return read(*db, [&](Transaction& tx) { return open_ticket_of(tx, customer, "tim_twitter", domain::Visibility::public_, since); });
    };
    with("solved", [](Ticket& t) { t.status = domain::TicketStatus::solved; });
    with("private", [](Ticket& t) { t.visibility = domain::Visibility::private_; });
    with("spam", [](Ticket& t) { t.aside = "spam"; });
    EXPECT_FALSE(found(nine_oclock));
    const auto older = with("older", [](Ticket&) {});
    EXPECT_EQ(found(nine_oclock), older);
    const auto newer = with("newer", [](Ticket& t) { t.last_at += 1h; });
    EXPECT_EQ(found(nine_oclock), newer);
    EXPECT_FALSE(found(nine_oclock + 2h));
}

TEST_F(Tickets, TheFirstSolvedIsTheFirstToBeClosed)
{
    const auto anna = person("u1");
    write(*db, [&](Transaction& tx) {
        for (int i = 3; i > 0; --i) {
            Ticket ticket = ticket_of(tx, anna, "r" + std::to_string(i));
            ticket.status = domain::TicketStatus::solved;
            ticket.solved_at = nine_oclock + i * 1h;
            insert_ticket(tx, ticket, "because");
        }
    });
    read(*db, [&](Transaction& tx) {
        EXPECT_EQ(first_solved(tx, "tim"), nine_oclock + 1h);
        EXPECT_FALSE(first_solved(tx, "impresa"));
        const auto due = solved_tickets(tx, "tim", nine_oclock + 2h, 10);
        EXPECT_EQ(due.size(), 2U);
        EXPECT_EQ(due.at(0).solved_at, nine_oclock + 1h);
        return 0;
    });
}

TEST_F(Tickets, EveryFieldOfATicketsLifeIsKept)
{
    const auto id = add("r");
    const auto merged = add("s");
    const auto set_all = [&](Transaction& tx) {
        Ticket ticket = *find_ticket(tx, id);
        ticket.team = "phone";
        ticket.language = "it";
        ticket.aside = "noise";
        ticket.status_reason = "waits for the technician";
        ticket.priority_why = "a rule";
        ticket.solved_at = nine_oclock + 1h;
        ticket.closed_at = nine_oclock + 2h;
        ticket.merged_into = merged;
        ticket.follow_up_of = merged;
        ticket.incident = domain::IncidentId{7};
        ticket.resolution_spent = 90min;
        ticket.resolution_running_since = nine_oclock + 3h;
        ticket.resolution_due_at = nine_oclock + 4h;
        ticket.route_ends_at = nine_oclock + 5h;
        ticket.alarm_at = nine_oclock + 6h;
        ticket.breached_at = nine_oclock + 7h;
        ticket.promised_at = nine_oclock + 8h;
        return static_cast<bool>(save_ticket(tx, ticket));
    };
    EXPECT_TRUE(write_for(*db, set_all));
    read(*db, [&](Transaction& tx) {
        const Ticket ticket = *find_ticket(tx, id);
        EXPECT_EQ(ticket.team, "phone");
        EXPECT_EQ(ticket.language, "it");
        EXPECT_EQ(ticket.aside, "noise");
        EXPECT_FALSE(queue_rank(ticket)) << "what stands apart does not wait in the queue";
        EXPECT_EQ(ticket.status_reason, "waits for the technician");
        EXPECT_EQ(ticket.priority_why, "a rule");
        EXPECT_EQ(ticket.solved_at, nine_oclock + 1h);
        EXPECT_EQ(ticket.closed_at, nine_oclock + 2h);
        EXPECT_EQ(ticket.merged_into, merged);
        EXPECT_EQ(ticket.follow_up_of, merged);
        EXPECT_EQ(ticket.incident, domain::IncidentId{7});
        EXPECT_EQ(ticket.resolution_spent, 90min);
        EXPECT_EQ(ticket.resolution_running_since, nine_oclock + 3h);
        EXPECT_EQ(ticket.resolution_due_at, nine_oclock + 4h);
        EXPECT_EQ(ticket.route_ends_at, nine_oclock + 5h);
        EXPECT_EQ(ticket.alarm_at, nine_oclock + 6h);
        EXPECT_EQ(ticket.breached_at, nine_oclock + 7h);
        EXPECT_EQ(ticket.promised_at, nine_oclock + 8h);
        return 0;
    });
}

TEST_F(Tickets, TheQueueHoldsWhatWaitsAndNobodyHas)
{
    const auto anna = agent("anna");
    const auto late = add("1", [](Ticket& t) { t.due_at = nine_oclock + 3h; });
    const auto soon = add("2");
    add("3", [&](Ticket& t) { t.assignee = anna; });
    add("4", [&](Ticket& t) {
        t.assignee = anna;
        t.status = TicketStatus::open;
    });
    add("5", [&](Ticket& t) {
        t.assignee = anna;
        t.status = TicketStatus::solved;
    });
    add("6", [](Ticket& t) { t.status = TicketStatus::pending; });
    const auto other_brand = add("8", [](Ticket& t) {
        t.brand = "impresa";
        t.due_at = nine_oclock + 2h;
    });
    const auto asleep = add("7", [](Ticket& t) { t.snoozed_until = nine_oclock + 1h; });
    read(*db, [&](Transaction& tx) {
        const auto waiting = [&](const std::vector<std::string>& brands, std::int64_t limit) {
            std::vector<TicketId> ids;
            for (const auto& ticket : waiting_unassigned(tx, brands, limit)) ids.push_back(ticket.id);
            return ids;
        };
        EXPECT_EQ(waiting({"impresa", "tim"}, 10), (std::vector{soon, other_brand, late}));
        EXPECT_EQ(waiting({"impresa", "tim"}, 1), std::vector{soon});
        EXPECT_EQ(waiting({"tim"}, 10), (std::vector{soon, late}));
        EXPECT_EQ(waiting({}, 10), std::vector<TicketId>{});
        const auto load = open_load(tx);
        EXPECT_EQ(load.size(), 1u);
        if (!load.empty()) {
            EXPECT_EQ(load[0].agent, anna);
            EXPECT_EQ(load[0].open_tickets, 2);
        }
        EXPECT_EQ(next_snooze(tx), nine_oclock + 1h);
        EXPECT_TRUE(due_snoozes(tx, nine_oclock + 1h - 1us).empty());
        EXPECT_EQ(due_snoozes(tx, nine_oclock + 1h).at(0).id, asleep);
        return 0;
    });
}

TEST_F(Tickets, TheMostUrgentIsOnesOwnOrNobodys)
{
    const auto anna = agent("anna");
    const auto bruno = agent("bruno");
    const auto next = [&](const std::vector<std::string>& brands) {
        return read(*db, [&](Transaction& tx) {
            const auto found = most_urgent_for(tx, anna, brands);
            return found ? found->id.value : 0;
        });
    };
    EXPECT_EQ(next({}), 0);
    add("1", [&](Ticket& t) {
        t.assignee = bruno;
        t.priority = Priority::urgent;
    });
    EXPECT_EQ(next({}), 0);
    const auto free = add("2", [](Ticket& t) { t.due_at = nine_oclock + 2h; });
    EXPECT_EQ(next({}), free.value);
    const auto own = add("3", [&](Ticket& t) { t.assignee = anna; });
    EXPECT_EQ(next({}), own.value);
    const auto other_brand = add("4", [](Ticket& t) {
        t.brand = "impresa";
        t.priority = Priority::high;
    });
    EXPECT_EQ(next({}), other_brand.value);
    EXPECT_EQ(next({"tim"}), own.value);
    EXPECT_EQ(next({"impresa"}), other_brand.value);
    EXPECT_EQ(next({"nothing"}), 0);
}

TEST_F(Tickets, TheQueuesFiguresAreByBrand)
{
    add("1", [](Ticket& t) { t.waiting_since = nine_oclock + 5min; });
    add("2");
    add("3", [](Ticket& t) {
        t.waiting_since.reset();
        t.first_response_at = nine_oclock + 9min;
        t.first_response_office_seconds = 540;
    });
    add("4", [](Ticket& t) {
        t.waiting_since.reset();
        t.first_response_at = nine_oclock - 1h;
        t.first_response_office_seconds = 1;
    });
    add("5", [](Ticket& t) {
        t.brand = "impresa";
        t.waiting_since.reset();
        t.first_response_at = nine_oclock;
        t.first_response_office_seconds = 60;
    });
    const auto figures = read(*db, [](Transaction& tx) { return queue_figures(tx, nine_oclock); });
    ASSERT_EQ(figures.size(), 2u);
    EXPECT_EQ(figures[0].brand, "impresa");
    EXPECT_EQ(figures[0].waiting, 0);
    EXPECT_FALSE(figures[0].oldest_waiting_since);
    EXPECT_EQ(figures[0].answered_office_seconds, 60);
    EXPECT_EQ(figures[1].waiting, 2);
    EXPECT_EQ(figures[1].oldest_waiting_since, nine_oclock);
    EXPECT_EQ(figures[1].answered, 1);
    EXPECT_EQ(figures[1].answered_office_seconds, 540);
}

TEST_F(Tickets, TheTimelineIsOneOrderOfEverything)
{
    const auto id = add("r");
    const auto anna = agent("anna");
    write(*db, [&](Transaction& tx) {
        const auto store = [&](const std::string& platform_id, Instant at) {
            auto given = item(platform_id, "text " + platform_id);
            given.at = at;
            const auto stored = store_item(tx, "tim_twitter", "tim", domain::Platform::twitter, given, {}, nine_oclock);
            set_threaded(tx, stored.id, id, Intake::done);
            return stored.id;
        };
        store("2", nine_oclock + 2min);
        store("1", nine_oclock);
        insert_note(tx, id, anna, "a note", nine_oclock + 1min);
        domain::Reply reply;
        reply.ticket = id;
        reply.author = anna;
        reply.channel = "tim_twitter";
        reply.conversation = "r";
        reply.text = "our answer";
        reply.accepted_at = nine_oclock + 3min;
        const auto reply_id = insert_reply(tx, reply, std::vector<std::string>{"our answer"});
        const auto bound = store("3", nine_oclock + 3min);
        bind_message_to_part(tx, bound, parts_of(tx, reply_id).at(0).id);
        EXPECT_EQ(find_message(tx, bound)->reply, reply_id);
        ASSERT_TRUE(insert_handover(tx, {.id = 0,
                                         .ticket = id,
                                         .agent = anna,
                                         .callback_number = "06",
                                         .note = "call",
                                         .reference = "AB12",
                                         .at = nine_oclock + 4min}));
        EXPECT_EQ(
            insert_handover(
                tx, {.id = 0, .ticket = id, .agent = anna, .callback_number = "06", .note = "", .reference = "AB12", .at = nine_oclock})
                .error()
                .kind(),
            ErrorKind::conflict);
        append_event(tx, {.seq = 0, .type = "ticket.created", .at = nine_oclock, .ticket = id, .actor = {}, .cause = "", .data = "{}"});
    });
    const std::vector<std::string> expected{"message text 1", "event {}",         "note a note",
                                            "message text 2", "reply our answer", "handover call"};
    for (const std::int64_t page : {1, 2, 10}) {
        std::vector<std::string> told;
        std::optional<TimelineCursor> after;
        for (std::size_t before = 1; before != told.size();) {
            before = told.size();
            read(*db, [&](Transaction& tx) {
                for_each_timeline_item(tx, id, after, page, [&](const TimelineItem& each) {
                    told.push_back(std::string(to_string(each.kind)) + " " + std::string(each.text));
                    after = each.cursor;
                });
                return 0;
            });
            if (before == told.size()) break;
        }
        EXPECT_EQ(told, expected);
    }
}

TEST_F(Tickets, TheContextIsOurOwnRootPost)
{
    auto post = item("root", "Ecco la nuova fibra");
    post.own = true;
    write(*db, [&](Transaction& tx) { store_item(tx, "tim_twitter", "tim", domain::Platform::twitter, post, {}, nine_oclock); });
    const auto context = read(*db, [](Transaction& tx) { return context_message(tx, "tim_twitter", "root"); });
    ASSERT_TRUE(context);
    EXPECT_EQ(context->text, "Ecco la nuova fibra");
    EXPECT_FALSE(read(*db, [](Transaction& tx) { return context_message(tx, "other", "root"); }));
}

} // namespace
} // namespace sportello::storage::test
