#include "support/invariants.hpp"

namespace sportello::test {

void Invariants::hold_now()
{
    expect_none("I1: no message is stored twice",
                "SELECT COUNT(*) FROM (SELECT 1 FROM message GROUP BY channel, platform_id HAVING COUNT(*) > 1) AS twice");
    expect_none("I5: our own items open no ticket", "SELECT COUNT(*) FROM ticket WHERE NOT EXISTS (SELECT 1 FROM message WHERE "
                                                    "message.ticket_id = ticket.id AND direction = 'inbound')");
    expect_none(
        "I8: no platform id is bound twice",
        "SELECT COUNT(*) FROM (SELECT 1 FROM reply_part WHERE platform_id <> '' GROUP BY channel, platform_id HAVING COUNT(*) > 1) AS twice");
    expect_none("I9: one part of a conversation is under way",
                "SELECT COUNT(*) FROM (SELECT 1 FROM reply_part WHERE state IN ('reserved', 'sending', 'unknown', 'needs_decision') "
                "GROUP BY channel, conversation HAVING COUNT(*) > 1) AS twice");
    expect_none("I11: nothing is under way without an attempt that was written down",
                "SELECT COUNT(*) FROM reply_part WHERE state IN ('sending', 'published', 'unknown') AND attempts > 0 AND NOT EXISTS "
                "(SELECT 1 FROM delivery_attempt WHERE part_id = reply_part.id)");
    for (const auto& [id, order] : replies_) hold_reply(id, order);
}

void Invariants::hold_at_the_end()
{
    hold_now();
    for (const simulator::Item& item : house_.simulator.world().items()) hold_item(item);
    expect_none("each message of a customer has a ticket",
                "SELECT COUNT(*) FROM message WHERE direction = 'inbound' AND ticket_id IS NULL AND deleted_at IS NULL");
    hold_order();
}

void Invariants::hold_reply(std::int64_t id, const Order& order)
{
    using domain::Delivery;
    const domain::Reply reply = house_.reply(domain::ReplyId{id}); // I7: throws when it is not there
    const std::size_t copies = copies_ever(order.text);
    EXPECT_LE(copies, 1 + order.resends) << "I10: " << order.text << " is out twice, " << to_string(reply.state);
    if (reply.state == Delivery::published) { EXPECT_GE(copies, 1U) << "I8: " << order.text << " is not there"; }
    if (reply.state == Delivery::failed && order.resends == 0 && !discarded(reply)) {
        // A comment goes with what it answers: that it stood there for a while nobody can know any more.
        EXPECT_EQ(went_with_target(reply) ? copies_there(order.text) : copies, 0U)
            << "I8: " << order.text << " failed, and is there: " << reply.reason << "; " << where(order.text);
    }
    if (reply.state == Delivery::cancelled) { EXPECT_EQ(copies, 0U) << "I8: " << order.text << " was cancelled, and is there"; }
}

std::size_t Invariants::copies_there(const std::string& text) const
{
    std::size_t copies = 0;
    for (const simulator::Item& item : house_.simulator.world().items()) {
        copies += item.own && !item.deleted && item.versions.front().text.find(text) != std::string::npos;
    }
    return copies;
}

std::string Invariants::where(const std::string& text) const
{
    std::string places;
    for (const simulator::Item& item : house_.simulator.world().items()) {
        if (!item.own || item.versions.front().text.find(text) == std::string::npos) continue;
        places += item.id + " under " + item.in_reply_to + (item.deleted ? " (deleted) " : " ");
    }
    return places;
}

std::size_t Invariants::copies_ever(const std::string& text) const
{
    std::size_t copies = 0;
    for (const simulator::Item& item : house_.simulator.world().items()) {
        copies += item.own && item.versions.front().text.find(text) != std::string::npos;
    }
    return copies;
}

void Invariants::hold_item(const simulator::Item& item)
{
    if (item.own) return;
    std::string ids;
    for (const auto& version : item.versions) ids += (ids.empty() ? "'" : ", '") + version.id + "'";
    struct Found {
        std::string text;
        bool deleted;
    };
    std::vector<Found> found;
    const std::string sql = "SELECT text, deleted_at FROM message WHERE platform_id IN (" + ids + ") ORDER BY id";
    const auto read = house_.read([&](storage::Transaction& tx) -> base::Result<void> {
        tx.for_each(statements_.emplace_back(sql), [&](const storage::Row& row) { found.push_back({row.string(0), !row.null(1)}); });
        return {};
    });
    ASSERT_TRUE(read);
    if (item.deleted && found.empty()) return; // nobody saw it while it was there
    ASSERT_EQ(found.size(), 1U) << "I1: " << item.id << " \"" << item.now().text << "\" of " << base::to_rfc3339(item.at)
                                << (item.deleted ? ", deleted" : "");
    if (item.deleted) {
        EXPECT_TRUE(!found[0].deleted || found[0].text.empty()) << "I3: " << item.id << " is deleted, and its text is kept";
    } else {
        EXPECT_EQ(found[0].text, item.now().text) << "I3: " << item.id;
        EXPECT_FALSE(found[0].deleted) << "I3: " << item.id << " is there, and marked as deleted";
    }
}

void Invariants::hold_order()
{
    expect_none("I9: replies of a conversation are sent in the order in which they were accepted",
                "SELECT COUNT(*) FROM reply_part AS earlier JOIN reply_part AS later ON later.channel = earlier.channel "
                "AND later.conversation = earlier.conversation AND later.id > earlier.id "
                "WHERE earlier.attempts = 1 AND later.attempts > 0 AND earlier.started_at > later.started_at AND earlier.resent = 0");
}

} // namespace sportello::test
