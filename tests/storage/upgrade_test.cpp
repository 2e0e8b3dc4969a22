#include "support.hpp"

#include <sportello/storage/notes.hpp>

#include <string>
#include <vector>

// A database with data in it is brought up to date: nothing of it is lost on the way.
namespace sportello::storage::test {
namespace {

constexpr int before_ticket_life = 6; ///< 0007 writes the table of tickets anew

std::unique_ptr<Database> open_with(const std::filesystem::path& file, const std::filesystem::path& migrations)
{
    static sportello::test::ManualClock clock;
    DatabaseOptions options;
    options.url = "sqlite:" + file.string();
    options.migrations = migrations;
    options.inline_execution = true;
    return Database::open(options, clock).value();
}

/// The first so many migrations, in a folder of their own.
std::filesystem::path first_migrations(const TempDir& directory, int count)
{
    const auto folder = directory / "migrations";
    std::filesystem::create_directories(folder / "sqlite");
    for (const auto& entry : std::filesystem::directory_iterator(migrations_folder() / "sqlite")) {
        if (std::stoi(entry.path().filename().string().substr(0, 4)) <= count) {
            std::filesystem::copy(entry.path(), folder / "sqlite" / entry.path().filename());
        }
    }
    return folder;
}

void fill(Transaction& tx)
{
    for (const char* sql : {
             "INSERT INTO customer (id, name, created_at) VALUES (1, 'Anna', 1), (2, 'Bruno', 2)",
             "INSERT INTO identity (id, platform, platform_user_id, name, handle, customer_id) "
             "VALUES (1, 'twitter', 'u1', 'Anna', 'anna', 1), (2, 'twitter', 'u2', 'Bruno', '', 2)",
             "INSERT INTO agent (id, login, name, role, password_hash, created_at) VALUES (1, 'chiara', 'Chiara', 'agent', '', 1)",
             "INSERT INTO ticket (id, brand, channel, platform, visibility, identity_id, customer_id, root_id, status, priority, subject, "
             "assignee_id, assigned_why, opened_why, created_at, updated_at, first_inbound_at, last_inbound_at, last_inbound_message_id, "
             "waiting_since, first_response_at, first_response_office_seconds, due_at, snoozed_until, last_text, last_at, last_direction, "
             "message_count, revision, labels, queue_rank) VALUES "
             "(5, 'tim', 'tim-x', 'twitter', 'public', 1, 1, 'r1', 'open', 2, 'Linea giù', 1, 'took it', 'a new post', 10, 20, 10, 15, 1, "
             "15, "
             "12, 2, 3615, 99, 'ancora giù', 15, 'inbound', 3, 4, 'adsl' || char(10) || 'urgente', 7), "
             "(9, 'tim', 'tim-x', 'twitter', 'private', 2, 2, 'r2', 'solved', 1, 'Bolletta', NULL, '', 'a new post', 30, 44, 30, 31, 2, "
             "NULL, "
             "33, 3, NULL, NULL, 'ok', 33, 'outbound', 2, 6, '', NULL), "
             "(11, 'tim', 'tim-x', 'twitter', 'public', 2, 2, 'r3', 'closed', 1, 'Vecchio', NULL, '', '', 1, 2, 1, 1, NULL, NULL, NULL, "
             "NULL, "
             "NULL, NULL, '', 1, 'inbound', 1, 1, '', NULL)",
             "INSERT INTO ticket_label (ticket_id, label, status, updated_at, queue_rank) VALUES (5, 'adsl', 'open', 20, 7), "
             "(5, 'urgente', 'open', 20, 7)",
             "INSERT INTO message (id, channel, brand, platform, platform_id, kind, visibility, direction, identity_id, author_name, text, "
             "parent_id, root_id, recipient_id, permalink, at, received_at, revision, ticket_id, intake, checked_at) VALUES "
             "(1, 'tim-x', 'tim', 'twitter', 'p1', 'mention', 'public', 'inbound', 1, 'Anna', 'ancora giù', '', 'r1', '', '', 15, 16, 1, "
             "5, "
             "'done', 0), (2, 'tim-x', 'tim', 'twitter', 'p2', 'direct_message', 'private', 'inbound', 2, 'Bruno', 'ok', '', 'r2', '', '', "
             "31, "
             "32, 1, 9, 'done', 0)",
             "INSERT INTO note (id, ticket_id, agent_id, text, at) VALUES (1, 5, 1, 'richiamare', 18)",
             "INSERT INTO reply (id, ticket_id, agent_id, channel, conversation, visibility, text, state, reason, target_id, recipient_id, "
             "accepted_at, send_after, platform_id) VALUES (1, 9, 1, 'tim-x', 'ticket:9', 'private', 'ok', 'published', '', 'r2', 'u2', "
             "33, 33, "
             "'p3')",
         }) {
        tx.run(sql);
    }
}

std::vector<std::string> rows(Database& db, std::string_view sql, int columns)
{
    return read(db, [&](Transaction& tx) {
        return tx.all(sql, [&](const Row& row) {
            std::string all;
            for (int column = 0; column < columns; ++column) all += (row.null(column) ? "NULL" : row.string(column)) + "|";
            return all;
        });
    });
}

constexpr std::string_view tickets_as_they_were =
    "SELECT id, brand, channel, platform, visibility, identity_id, customer_id, root_id, status, priority, subject, assignee_id, "
    "assigned_why, opened_why, created_at, updated_at, first_inbound_at, last_inbound_at, last_inbound_message_id, waiting_since, "
    "first_response_at, first_response_office_seconds, due_at, snoozed_until, last_text, last_at, last_direction, message_count, revision, "
    "labels, queue_rank FROM ticket ORDER BY id";
constexpr std::string_view labels_as_they_were = "SELECT ticket_id, label, status, updated_at, queue_rank FROM ticket_label ORDER BY 1, 2";
constexpr std::string_view references = "SELECT 'message', id, ticket_id FROM message UNION ALL SELECT 'note', id, ticket_id FROM note "
                                        "UNION ALL SELECT 'reply', id, ticket_id FROM reply ORDER BY 1, 2";

TEST(Upgrade, TheTicketsWrittenAnewKeepRowsLabelsAndWhatRefersToThem)
{
    const TempDir directory;
    const auto file = directory / "house.db";
    std::vector<std::string> tickets;
    std::vector<std::string> labels;
    std::vector<std::string> referring;
    {
        const auto old = open_with(file, first_migrations(directory, before_ticket_life));
        write(*old, fill);
        tickets = rows(*old, tickets_as_they_were, 31);
        labels = rows(*old, labels_as_they_were, 5);
        referring = rows(*old, references, 3);
        ASSERT_EQ(tickets.size(), 3U);
    }
    const auto db = open_with(file, migrations_folder());
    EXPECT_EQ(rows(*db, tickets_as_they_were, 31), tickets);
    EXPECT_EQ(rows(*db, labels_as_they_were, 5), labels);
    EXPECT_EQ(rows(*db, references, 3), referring);
    EXPECT_EQ(count(*db, "pragma_foreign_key_check"), 0);
    read(*db, [](Transaction& tx) {
        const auto solved = find_ticket(tx, domain::TicketId{9}).value();
        EXPECT_EQ(solved.solved_at, base::from_micros(44));
        EXPECT_EQ(solved.inbound_count, 1);
        EXPECT_FALSE(solved.closed_at);
        const auto closed = find_ticket(tx, domain::TicketId{11}).value();
        EXPECT_EQ(closed.solved_at, base::from_micros(2));
        EXPECT_EQ(closed.closed_at, base::from_micros(2));
        EXPECT_EQ(labels_of(tx, domain::TicketId{5}), (std::vector<std::string>{"adsl", "urgente"}));
        EXPECT_EQ(ticket_of_person_under(tx, "tim-x", "r1", domain::IdentityId{1}), domain::TicketId{5});
        return 0;
    });
    write(*db, [](Transaction& tx) {
        auto ticket = find_ticket(tx, domain::TicketId{5}).value();
        EXPECT_TRUE(save_ticket(tx, ticket));
        const auto id = insert_ticket(tx, ticket, "again");
        EXPECT_GT(id.value, 11) << "numbers that people said aloud are not given twice";
        insert_note(tx, id, domain::AgentId{1}, "text", nine_oclock);
    });
}

} // namespace
} // namespace sportello::storage::test
