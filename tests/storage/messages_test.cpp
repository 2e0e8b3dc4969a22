#include "support.hpp"

#include <sportello/storage/replies.hpp>

#include <algorithm>

namespace sportello::storage::test {
namespace {

using domain::PlatformItem;
using Change = StoredItem::Change;

class Messages : public RepositoryTest {
protected:
    StoredItem store(const PlatformItem& given, std::optional<domain::IdentityId> identity = {})
    {
        return write_for(*db, [&](Transaction& tx) {
            return store_item(tx, "tim_twitter", "tim", domain::Platform::twitter, given, identity, nine_oclock + 1h);
        });
    }
    std::optional<domain::Message> by_id(const std::string& platform_id)
    {
        return read(*db, [&](Transaction& tx) { return find_message_by_platform_id(tx, "tim_twitter", platform_id); });
    }
    std::vector<NewMessage> new_ones()
    {
        return read(*db, [](Transaction& tx) { return next_new_messages(tx, 100); });
    }
};

PlatformItem edited(const std::string& platform_id, const std::string& text, std::vector<std::string> earlier)
{
    auto changed = item(platform_id, text);
    changed.earlier_ids = std::move(earlier);
    return changed;
}
PlatformItem gone(const std::string& platform_id)
{
    auto deleted = item(platform_id, "");
    deleted.deleted = true;
    return deleted;
}

TEST_F(Messages, ANewItemWaitsInTheInboxWithAllItsParts)
{
    const auto anna = person("u1");
    auto given = item("1", "la linea è morta");
    given.parent_id = "p";
    given.permalink = "https://x.example/1";
    given.attachments = {{.type = "image", .url = "https://img.example/1", .name = "a.png"}};
    EXPECT_EQ(store(given, anna).change, Change::inserted);
    const auto waiting = new_ones();
    ASSERT_EQ(waiting.size(), 1u);
    const auto& message = waiting[0].message;
    EXPECT_TRUE(waiting[0].customer);
    EXPECT_EQ(message.text, "la linea è morta");
    EXPECT_EQ(message.identity, anna);
    EXPECT_EQ(message.direction, domain::Direction::inbound);
    EXPECT_EQ(message.kind, domain::MessageKind::mention);
    EXPECT_EQ(message.parent_id, "p");
    EXPECT_EQ(message.permalink, "https://x.example/1");
    EXPECT_EQ(message.at, nine_oclock);
    EXPECT_EQ(message.received_at, nine_oclock + 1h);
    EXPECT_FALSE(message.ticket);
    const auto attachments = read(*db, [&](Transaction& tx) { return attachments_of(tx, message.id); });
    ASSERT_EQ(attachments.size(), 1u);
    EXPECT_EQ(attachments[0].name, "a.png");
}

/// What arrives one after the other, and what stands at the end.
struct Arrivals {
    const char* name;
    std::vector<PlatformItem> items;
    std::vector<Change> changes;
    std::string text;
    std::int32_t revision;
    bool deleted;
    friend void PrintTo(const Arrivals& arrivals, std::ostream* out) { *out << arrivals.name; }
};
class StoreItem : public Messages, public testing::WithParamInterface<Arrivals> {};

TEST_P(StoreItem, KeepsOneMessage)
{
    const Arrivals& given = GetParam();
    std::vector<Change> changes;
    for (const PlatformItem& each : given.items) changes.push_back(store(each).change);
    EXPECT_EQ(changes, given.changes);
    EXPECT_EQ(count(*db, "message"), 1);
    const auto message = by_id(given.items.front().platform_id);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->text, given.text);
    EXPECT_EQ(message->revision, given.revision);
    EXPECT_EQ(message->deleted_at.has_value(), given.deleted);
    EXPECT_EQ(count(*db, "message_revision"), given.revision - 1 - (given.deleted ? given.revision - 1 : 0));
}
INSTANTIATE_TEST_SUITE_P(
    Table, StoreItem,
    testing::Values(
        Arrivals{"Repeated", {item("1", "a"), item("1", "a")}, {Change::inserted, Change::unchanged}, "a", 1, false},
        Arrivals{"EditedInPlace", {item("1", "a"), item("1", "b")}, {Change::inserted, Change::edited}, "b", 2, false},
        Arrivals{"EditedUnderANewId", {item("1", "a"), edited("2", "b", {"1"})}, {Change::inserted, Change::edited}, "b", 2, false},
        Arrivals{"EditedTwice",
                 {item("1", "a"), edited("2", "b", {"1"}), edited("3", "c", {"1", "2"})},
                 {Change::inserted, Change::edited, Change::edited},
                 "c",
                 3,
                 false},
        Arrivals{"AnOldFormAfterTheEdit", {edited("2", "b", {"1"}), item("1", "a")}, {Change::inserted, Change::unchanged}, "b", 1, false},
        Arrivals{"AMiddleFormAfterTheEdit",
                 {item("1", "a"), edited("3", "c", {"1", "2"}), edited("2", "b", {"1"})},
                 {Change::inserted, Change::edited, Change::unchanged},
                 "c",
                 2,
                 false},
        Arrivals{"ANewIdWithTheSameText", {item("1", "a"), edited("2", "a", {"1"})}, {Change::inserted, Change::unchanged}, "a", 1, false},
        Arrivals{"Deleted", {item("1", "a"), gone("1")}, {Change::inserted, Change::deleted}, "", 1, true},
        Arrivals{
            "DeletedTwice", {item("1", "a"), gone("1"), gone("1")}, {Change::inserted, Change::deleted, Change::unchanged}, "", 1, true},
        Arrivals{"DeletedByAnEarlierId",
                 {item("1", "a"), edited("2", "b", {"1"}), gone("1")},
                 {Change::inserted, Change::edited, Change::deleted},
                 "",
                 2,
                 true},
        Arrivals{"ReadBeforeTheDeletionStoredAfter",
                 {item("1", "a"), gone("1"), item("1", "a")},
                 {Change::inserted, Change::deleted, Change::unchanged},
                 "",
                 1,
                 true}),
    [](const auto& test) { return std::string(test.param.name); });

TEST_F(Messages, TheDeletionOfAnUnknownItemStoresNothing)
{
    EXPECT_EQ(store(gone("9")).change, Change::unchanged);
    EXPECT_EQ(count(*db, "message"), 0);
}

TEST_F(Messages, DeletionTakesRevisionsAndAttachmentsAlong)
{
    auto given = item("1", "a");
    given.attachments = {{.type = "image", .url = "https://img.example/1", .name = ""}};
    store(given);
    store(item("1", "b"));
    EXPECT_EQ(count(*db, "message_revision"), 1);
    store(gone("1"));
    EXPECT_EQ(count(*db, "message_revision"), 0);
    EXPECT_EQ(count(*db, "attachment"), 0);
}

TEST_F(Messages, ChannelsAreKeptApart)
{
    store(item("1", "a"));
    const auto other = write_for(
        *db, [&](Transaction& tx) { return store_item(tx, "other", "tim", domain::Platform::twitter, item("1", "b"), {}, nine_oclock); });
    EXPECT_EQ(other.change, Change::inserted);
    EXPECT_EQ(count(*db, "message"), 2);
}

/// In whatever order the forms of one post arrive, and however often, the newest stands, and every id finds it (I1, I3).
TEST_F(Messages, TheOrderOfArrivalDoesNotMatter)
{
    std::vector<PlatformItem> forms{item("1", "a"), edited("2", "b", {"1"}), edited("3", "c", {"1", "2"}), item("1", "a")};
    std::vector<std::size_t> order{0, 1, 2, 3};
    do {
        SetUp();
        for (const std::size_t form : order) store(forms[form]);
        EXPECT_EQ(count(*db, "message"), 1);
        for (const char* id : {"1", "2", "3"}) {
            const auto message = by_id(id);
            ASSERT_TRUE(message);
            EXPECT_EQ(message->text, "c");
            EXPECT_EQ(message->platform_id, "3");
        }
    } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(Messages, ThreadingTakesAMessageOutOfTheInbox)
{
    const auto anna = person("u1");
    const auto first = store(item("1", "a"), anna).id;
    auto own = item("2", "nostra");
    own.own = true;
    const auto second = store(own).id;
    const auto ticket = write_for(*db, [&](Transaction& tx) {
        const auto id = insert_ticket(tx, ticket_of(tx, anna, "root"), "because");
        set_threaded(tx, first, id, Intake::done);
        set_threaded(tx, second, std::nullopt, Intake::waiting);
        return id;
    });
    EXPECT_TRUE(new_ones().empty());
    EXPECT_EQ(by_id("1")->ticket, ticket);
    EXPECT_EQ(store(item("1", "b")).ticket, ticket);
    const auto waiting = read(*db, [](Transaction& tx) { return waiting_under_root(tx, "tim_twitter", "root"); });
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting[0].id, second);
    const auto own_ones = [&](Instant since) {
        return read(*db, [&](Transaction& tx) { return own_items_under(tx, "tim_twitter", "root", since).size(); });
    };
    EXPECT_EQ(own_ones(nine_oclock), 1u);
    EXPECT_EQ(own_ones(nine_oclock + 1us), 0u);
}

TEST_F(Messages, ChecksThoseNotLookedAtForLongest)
{
    for (const char* id : {"1", "2", "3"}) store(item(id, "a"));
    auto old = item("0", "a");
    old.at = nine_oclock - 24h;
    store(old);
    store(gone("3"));
    const auto due = [&] {
        return read(*db, [](Transaction& tx) {
            std::vector<std::string> ids;
            for (const auto& each : messages_to_check(tx, "tim_twitter", nine_oclock, 2)) ids.push_back(each.platform_id);
            return ids;
        });
    };
    EXPECT_EQ(due(), (std::vector<std::string>{"1", "2"}));
    const domain::MessageId first = by_id("1")->id;
    write(*db, [&](Transaction& tx) { mark_checked(tx, first, nine_oclock + 2h); });
    EXPECT_EQ(due(), (std::vector<std::string>{"2", "1"}));
}

TEST_F(Messages, APersonIsOneIdentityWithOneCustomer)
{
    const auto first = person("u1");
    write(*db, [&](Transaction& tx) {
        EXPECT_EQ(upsert_identity(tx, domain::Platform::twitter, "u1", "Anna Verdi", "", nine_oclock), first);
        const auto identity = find_identity(tx, first).value();
        EXPECT_EQ(identity.name, "Anna Verdi");
        EXPECT_EQ(identity.handle, "u1") << "an unknown handle does not erase the known one";
        EXPECT_NE(upsert_identity(tx, domain::Platform::facebook, "u1", "Anna", "", nine_oclock), first);
    });
    EXPECT_EQ(count(*db, "customer"), 2);
}

} // namespace
} // namespace sportello::storage::test
