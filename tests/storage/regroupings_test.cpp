#include "support.hpp"

#include <sportello/storage/aids.hpp>
#include <sportello/storage/links.hpp>
#include <sportello/storage/notes.hpp>
#include <sportello/storage/ratings.hpp>
#include <sportello/storage/reports.hpp>
#include <sportello/storage/regroupings.hpp>
#include <sportello/storage/replies.hpp>

#include <array>

// Tickets merged and split, people linked, and what helps at the work.
namespace sportello::storage::test {
namespace {

using base::ErrorKind;
using domain::MessageId;
using domain::TicketId;

class Regroupings : public RepositoryTest {
protected:
    TicketId ticket(domain::IdentityId identity, const std::string& root)
    {
        return write_for(*db, [&](Transaction& tx) { return insert_ticket(tx, ticket_of(tx, identity, root), "because"); });
    }
    domain::Message written(TicketId ticket, domain::IdentityId identity, const std::string& id, const std::string& root,
                            base::Instant received = nine_oclock)
    {
        auto fresh = item(id, "text of " + id);
        fresh.root_id = root;
        return write_for(*db, [&](Transaction& tx) {
            const auto stored = store_item(tx, "tim_twitter", "tim", domain::Platform::twitter, fresh, identity, received);
            set_threaded(tx, stored.id, ticket, Intake::done);
            return find_message(tx, stored.id).value();
        });
    }
    std::vector<std::int64_t> messages_in(TicketId ticket)
    {
        return read(*db, [&](Transaction& tx) {
            std::vector<std::int64_t> ids;
            for (const auto& message : messages_of(tx, ticket)) ids.push_back(message.id.value);
            return ids;
        });
    }
    std::int64_t noted(bool split, TicketId from, TicketId to)
    {
        Regrouping order;
        order.split = split;
        order.from = from;
        order.to = to;
        order.agent = chiara;
        order.at = nine_oclock + 1h;
        order.from_labels = {"adsl", "guasto"};
        return write_for(*db, [&](Transaction& tx) { return insert_regrouping(tx, order); });
    }

    void SetUp() override
    {
        RepositoryTest::SetUp();
        anna = person("anna");
        bruno = person("bruno");
        chiara = agent("chiara");
    }
    domain::IdentityId anna;
    domain::IdentityId bruno;
    domain::AgentId chiara;
};

TEST_F(Regroupings, EverythingMovesAndMovesBackWithWhatCameSince)
{
    const auto from = ticket(anna, "r1");
    const auto to = ticket(anna, "r2");
    const auto one = written(from, anna, "p1", "r1");
    const auto two = written(to, anna, "p2", "r2");
    write(*db, [&](Transaction& tx) { insert_note(tx, from, chiara, "a note", nine_oclock); });
    const auto order = noted(false, from, to);
    write(*db, [&](Transaction& tx) { move_everything(tx, order, from, to); });
    EXPECT_TRUE(messages_in(from).empty());
    EXPECT_EQ(messages_in(to).size(), 2U);
    const auto later = written(to, anna, "p3", "r1", nine_oclock + 2h);
    const auto other = written(to, anna, "p4", "r2", nine_oclock + 2h);
    EXPECT_EQ(read(*db, [&](Transaction& tx) { return ticket_of_person_under(tx, "tim_twitter", "r1", anna); }), to);
    write(*db, [&](Transaction& tx) {
        follow_back(tx, order, to, from);
        move_back(tx, order, to, from);
        mark_undone(tx, order, nine_oclock + 3h);
    });
    EXPECT_EQ(messages_in(from), (std::vector{one.id.value, later.id.value}));
    EXPECT_EQ(messages_in(to), (std::vector{two.id.value, other.id.value}));
    EXPECT_EQ(count(*db, "note WHERE ticket_id = " + std::to_string(from.value)), 1);
    read(*db, [&](Transaction& tx) {
        const auto found = last_merge_of(tx, from);
        EXPECT_EQ(found->undone_at, nine_oclock + 3h);
        EXPECT_EQ(found->from_labels, (std::vector<std::string>{"adsl", "guasto"}));
        EXPECT_FALSE(last_regrouping_with(tx, from, to));
        return 0;
    });
}

TEST_F(Regroupings, AMessageTakesTheAnswersToItAlong)
{
    const auto from = ticket(anna, "r1");
    const auto moved = written(from, anna, "p1", "r1");
    const auto stays = written(from, anna, "p2", "r1");
    const auto to = ticket(anna, "r1");
    domain::Reply reply;
    reply.ticket = from;
    reply.author = chiara;
    reply.channel = "tim_twitter";
    reply.conversation = "ticket:1";
    reply.text = "ecco";
    reply.target_id = "p1";
    reply.accepted_at = nine_oclock;
    const std::array texts{reply.text};
    write(*db, [&](Transaction& tx) {
        insert_reply(tx, reply, texts);
        reply.target_id = "p2";
        insert_reply(tx, reply, texts);
        EXPECT_TRUE(has_unsettled_reply(tx, from));
    });
    const auto order = noted(true, from, to);
    write(*db, [&](Transaction& tx) { move_messages(tx, order, std::span(&moved, 1), to); });
    EXPECT_EQ(messages_in(to), std::vector{moved.id.value});
    EXPECT_EQ(messages_in(from), std::vector{stays.id.value});
    read(*db, [&](Transaction& tx) {
        EXPECT_EQ(replies_of_ticket(tx, to).size(), 1U);
        EXPECT_EQ(replies_of_ticket(tx, from).at(0).target_id, "p2");
        EXPECT_FALSE(answered_since(tx, order, to)) << "that was before";
        EXPECT_EQ(split_that_made(tx, to)->id, order);
        EXPECT_EQ(last_regrouping_with(tx, from, to)->id, order);
        return 0;
    });
    reply.ticket = to;
    reply.target_id = "p1";
    reply.accepted_at = nine_oclock + 2h;
    write(*db, [&](Transaction& tx) { insert_reply(tx, reply, texts); });
    EXPECT_TRUE(read(*db, [&](Transaction& tx) { return answered_since(tx, order, to); }));
}

TEST_F(Regroupings, LinkedCustomersComeApartAsTheyWere)
{
    const auto annas = ticket(anna, "r1");
    const auto brunos = ticket(bruno, "r2");
    const auto customer_of = [&](domain::IdentityId identity) {
        return read(*db, [&](Transaction& tx) { return find_identity(tx, identity)->customer; });
    };
    const auto of_anna = customer_of(anna);
    const auto of_bruno = customer_of(bruno);
    CustomerLink link{
        .id = 0, .customer = of_bruno, .into = of_anna, .agent = chiara, .at = nine_oclock, .why = "same phone", .undone_at = {}};
    link.id = write_for(*db, [&](Transaction& tx) { return link_customers(tx, link); });
    EXPECT_EQ(customer_of(bruno), of_anna);
    read(*db, [&](Transaction& tx) {
        EXPECT_EQ(find_ticket(tx, brunos)->customer, of_anna);
        EXPECT_EQ(find_ticket(tx, brunos)->revision, 2) << "whoever has read it has read another customer";
        EXPECT_EQ(find_ticket(tx, annas)->revision, 1);
        EXPECT_EQ(identities_of(tx, of_anna).size(), 2U);
        EXPECT_EQ(last_link_of(tx, of_bruno)->into, of_anna);
        EXPECT_EQ(links_into(tx, of_anna).size(), 1U);
        return 0;
    });
    const auto later = ticket(bruno, "r3");
    write(*db, [&](Transaction& tx) { unlink_customers(tx, link, nine_oclock + 1h); });
    read(*db, [&](Transaction& tx) {
        EXPECT_EQ(find_ticket(tx, annas)->customer, of_anna);
        for (const auto id : {brunos, later}) EXPECT_EQ(find_ticket(tx, id)->customer, of_bruno);
        EXPECT_FALSE(last_link_of(tx, of_bruno));
        EXPECT_TRUE(has_ticket_of_brands(tx, of_bruno, {"tim"}));
        EXPECT_FALSE(has_ticket_of_brands(tx, of_bruno, {"impresa"}));
        return 0;
    });
}

TEST_F(Regroupings, CluesMeetOnceAndGoWithTheirMessage)
{
    const auto one = written(ticket(anna, "r1"), anna, "p1", "r1");
    const auto two = written(ticket(bruno, "r2"), bruno, "p2", "r2");
    write(*db, [&](Transaction& tx) {
        const IdentityClue annas{"phone", "digest", anna, one.id, "tim", "…4567"};
        const IdentityClue brunos{"phone", "digest", bruno, two.id, "tim", "…4567"};
        EXPECT_TRUE(insert_clue(tx, annas));
        EXPECT_FALSE(insert_clue(tx, annas));
        EXPECT_TRUE(insert_clue(tx, brunos));
        EXPECT_EQ(clues_like(tx, brunos, 10).at(0).identity, anna);
        forget_clues_of(tx, one.id);
        EXPECT_TRUE(clues_like(tx, brunos, 10).empty());
        LinkProposal proposal;
        proposal.identity_a = anna;
        proposal.identity_b = bruno;
        proposal.kind = "phone";
        const auto id = insert_proposal(tx, proposal);
        ASSERT_TRUE(id);
        EXPECT_FALSE(insert_proposal(tx, proposal)) << "dismissed or not, it is not proposed again";
        auto found = find_proposal(tx, *id).value();
        found.state = ProposalState::dismissed;
        found.decided_by = chiara;
        save_proposal(tx, found);
        EXPECT_TRUE(proposals_in(tx, ProposalState::open, 0, 10).empty());
        EXPECT_EQ(proposals_in(tx, ProposalState::dismissed, 0, 10).at(0).decided_by, chiara);
    });
}

TEST_F(Regroupings, AidsHaveNamesOfTheirOwnAndRevisions)
{
    for (const auto kind : {AidKind::canned_reply, AidKind::macro}) {
        write(*db, [&](Transaction& tx) {
            Aid aid{.id = 0, .brand = "tim", .language = "it", .name = "Saluti", .body = "{}", .updated_at = nine_oclock, .revision = 1};
            aid.id = insert_aid(tx, kind, aid).value();
            EXPECT_EQ(insert_aid(tx, kind, aid).error().kind(), ErrorKind::conflict);
            auto other = aid;
            other.brand = "";
            other.id = insert_aid(tx, kind, other).value();
            other.brand = "tim";
            EXPECT_EQ(save_aid(tx, kind, other).error().kind(), ErrorKind::conflict) << "the name is taken there";
            auto stale = aid;
            aid.body = "[]";
            ASSERT_TRUE(save_aid(tx, kind, aid));
            EXPECT_EQ(aid.revision, 2);
            EXPECT_EQ(save_aid(tx, kind, stale).error().kind(), ErrorKind::conflict);
            EXPECT_EQ(find_aid(tx, kind, aid.id)->body, "[]");
            EXPECT_EQ(aids(tx, kind, {.brand = "impresa", .language = {}, .visible = {}}, 0, 10).size(), 1U);
            EXPECT_EQ(aids(tx, kind, {.brand = {}, .language = "en", .visible = {}}, 0, 10).size(), 0U);
            EXPECT_EQ(aids(tx, kind, {.brand = {}, .language = {}, .visible = {"impresa"}}, 0, 10).size(), 1U);
            EXPECT_EQ(aids(tx, kind, {}, 0, 1).size(), 1U);
            EXPECT_EQ(aids(tx, kind, {}, aid.id, 10).size(), 1U);
            delete_aid(tx, kind, aid.id);
            EXPECT_FALSE(find_aid(tx, kind, aid.id));
        });
    }
}

TEST_F(Regroupings, RatingsAreCountedByWhatTheyWereAskedFor)
{
    const auto id = ticket(anna, "r1");
    const auto message = written(id, anna, "p1", "r1");
    write(*db, [&](Transaction& tx) {
        for (const int score : {0, 5, 5, 2}) {
            Rating rating;
            rating.ticket = id;
            rating.brand = score == 2 ? "impresa" : "tim";
            rating.channel = "tim_twitter";
            rating.identity = anna;
            rating.agent = chiara;
            rating.id = insert_rating(tx, rating);
            rating.state = score > 0 ? Rating::State::given : Rating::State::asked;
            rating.asked_at = nine_oclock;
            if (score > 0) {
                rating.score = score;
                rating.message = message.id;
            }
            save_rating(tx, rating);
        }
        EXPECT_TRUE(is_rating_answer(tx, message.id));
        EXPECT_TRUE(asked_rating(tx, "tim_twitter", anna));
        EXPECT_FALSE(next_rating(tx));
        std::int64_t asked = 0;
        std::int64_t points = 0;
        const auto add = [&](const RatingFact& rating, const ReportTicket&) {
            asked += rating.brand == "tim";
            points += rating.brand == "tim" ? rating.score.value_or(0) : 0;
            EXPECT_EQ(rating.agent, chiara);
        };
        for_each_rating(tx, nine_oclock, nine_oclock + 1s, add);
        EXPECT_EQ(asked, 3);
        EXPECT_EQ(points, 10);
        for_each_rating(tx, nine_oclock + 1s, nine_oclock + 1h, [](const RatingFact&, const ReportTicket&) { ADD_FAILURE(); });
    });
}

} // namespace
} // namespace sportello::storage::test
