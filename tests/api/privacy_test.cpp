#include "desk.hpp"
#include "support/test_database.hpp"

#include <sportello/domain/file_kind.hpp>
#include <sportello/storage/audit.hpp>
#include <sportello/storage/search.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <list>
#include <map>
#include <set>

#include <unistd.h>

// Files in and out, what is kept of a person, and forgetting it.
namespace sportello {
namespace {

using namespace std::chrono_literals;
using domain::Role;
using test::body_of;
using test::Desk;
using test::House;
using test::items_of;
using test::json;

std::string png(std::uint32_t width = 40, std::uint32_t height = 30, std::string_view behind = "")
{
    std::string bytes = "\x89PNG\r\n\x1a\n";
    bytes += std::string("\0\0\0\x0dIHDR", 8);
    for (const auto side : {width, height}) {
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(side >> static_cast<unsigned>(shift) & 0xFFU);
    }
    return bytes + std::string("\x08\x02\0\0\0", 5) + std::string(behind);
}

/// The platforms' file servers.
class FakeFiles final : public engine::FileSource {
public:
    boost::asio::awaitable<base::Result<Fetched>> fetch(std::string url, std::vector<std::string> hosts, std::size_t most_bytes) override
    {
        ++asked;
        allowed = std::move(hosts);
        const auto found = served.find(url);
        if (found == served.end()) co_return base::Error(base::ErrorKind::unavailable, "cannot connect");
        if (found->second.bytes.size() > most_bytes) co_return base::Error(base::ErrorKind::unavailable, "the answer is too large");
        co_return found->second;
    }
    std::map<std::string, Fetched> served;
    std::vector<std::string> allowed;
    int asked = 0;
};

std::filesystem::path fresh_folder()
{
    std::string name = (std::filesystem::temp_directory_path() / "sportello-files-XXXXXX").string();
    return mkdtemp(name.data());
}

test::HouseOptions with_files(const std::filesystem::path& folder)
{
    test::HouseOptions options{.automatic_assignment = false, .poll = 20min, .recheck = 20min};
    options.settings = [folder](engine::Settings& settings) {
        settings.attachments.folder = folder;
        settings.attachments.most_bytes = 1 << 20;
    };
    return options;
}

class PrivacyApi : public testing::Test {
protected:
    PrivacyApi() { desk.house.engine->use_file_source(files); }
    ~PrivacyApi() override
    {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    }
    std::string write_with(const std::string& author, const std::string& text, const std::string& url, const std::string& name,
                           House::Account account = House::page, simulator::Kind kind = simulator::Kind::direct_message)
    {
        simulator::NewItem item;
        item.platform = account.first;
        item.account = account.second;
        item.kind = kind;
        item.author = author;
        item.text = text;
        item.media.push_back({"image", url, name});
        const auto id = desk.house.simulator.write(item);
        EXPECT_TRUE(id) << (id ? "" : id.error().what());
        desk.house.run(desk.house.engine->poll_once(account.first == simulator::Platform::facebook ? "tim-facebook" : "tim-x"));
        return id ? *id : "";
    }
    http::Response upload(std::int64_t ticket, const std::string& bytes, const test::Person& who, const std::string& name = "foto.png",
                          const std::string& key = "")
    {
        auto request = Desk::request(http::Method::post, "/v1/tickets/" + std::to_string(ticket) + "/uploads?name=" + name, &who, bytes);
        request.headers.set("Content-Type", "application/octet-stream");
        if (!key.empty()) request.headers.add("Idempotency-Key", key);
        return desk.send(request);
    }
    std::size_t kept() const
    {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) count += entry.is_regular_file();
        return count;
    }
    json attachments(std::int64_t ticket, const test::Person& who, const std::string& kind = "message")
    {
        for (const auto& item : items_of(desk.get("/v1/tickets/" + std::to_string(ticket) + "/timeline", who))) {
            if (item.at("kind") == kind && !item.at("attachments").empty()) return item.at("attachments");
        }
        return json::array();
    }
    std::int64_t newest_ticket() { return desk.house.count("SELECT max(id) FROM ticket"); }
    /// Every text of every table, to be searched.
    std::string everything()
    {
        // What was dropped from the index leaves its files by merging, which a chore does within hours.
        auto tidy = [](storage::Transaction& tx) -> base::Result<bool> { return storage::tidy_search_index(tx); };
        while (desk.house.db->write_now(tidy).value()) {}
        return desk.house
            .read([&](storage::Transaction& tx) -> base::Result<std::string> {
                std::string all;
                for (const auto& table : test::tables_in(tx)) {
                    for (const auto& column : test::columns_in(tx, table)) {
                        // Statements are kept by their address.
                        texts_.push_back("SELECT CAST(\"" + column + "\" AS TEXT) FROM \"" + table + "\"");
                        tx.for_each(texts_.back(),
                                    [&](const storage::Row& row) { all += table + "." + column + "=" + row.string(0) + "\n"; });
                    }
                }
                return all;
            })
            .value();
    }

    /// What people at the counter write about a person in every place that they have, each with a key whose answer is kept.
    void plant(const std::string& ticket, const std::string& person)
    {
        int made = 0;
        const auto put = [&](http::Method method, const std::string& target, const json& body) {
            auto request = Desk::request(method, target, &anna, body.dump());
            if (method == http::Method::post) request.headers.add("Idempotency-Key", "plant-" + std::to_string(++made));
            const auto answer = desk.send(request);
            EXPECT_LT(answer.status, 300) << target << " " << answer.body;
        };
        using http::Method;
        put(Method::patch, person, {{"contract_reference", "CANARINO-7"}, {"labels", {"canarino"}}});
        put(Method::post, person + "/notes", {{"text", "paga tardi, canarino"}});
        put(Method::post, ticket + "/notes", {{"text", "@root canarino"}});
        put(Method::put, ticket + "/drafts/reply", {{"text", "Caro canarino"}, {"visibility", "private"}});
        put(Method::post, ticket + "/by-hand", {{"text", "Caro canarino, a mano"}});
        put(Method::post, ticket + "/handover", {{"callback_number", "347 1234567"}, {"note", "canarino non sente"}});
        put(Method::post, "/v1/tickets/bulk",
            {{"items", {{{"ticket", std::stoll(ticket.substr(12))}}}}, {"change", {{"priority", "high"}}}});
        EXPECT_GE(desk.house.count("SELECT count(*) FROM idempotency_key WHERE status > 0"), 4);
        repeat = Desk::request(Method::post, person + "/notes", &admin, json{{"text", "canarino due volte"}}.dump());
        repeat.headers.add("Idempotency-Key", "twice");
        auto first = repeat;
        EXPECT_EQ(desk.send(first).status, 201);
    }

    http::Request repeat; ///< whose answer was kept
    std::filesystem::path folder = fresh_folder();
    FakeFiles files;
    Desk desk{with_files(folder)};
    test::Person admin = desk.person(Role::admin, "root");
    test::Person anna = desk.person(Role::agent, "anna");

private:
    std::list<std::string> texts_;
};

TEST_F(PrivacyApi, ACustomersPictureIsFetchedOnceAndShownToWhoMaySeeTheTicket)
{
    const std::string url = "https://scontent.xx.fbcdn.net/modem.png";
    files.served[url] = {200, png()};
    desk.house.start();
    write_with("mara", "guardate", url, "../../etc/passwd\r\nX: y.svg");
    const auto ticket = newest_ticket();
    desk.house.run_for(5s);
    EXPECT_EQ(files.asked, 1);
    EXPECT_NE(std::ranges::find(files.allowed, ".fbcdn.net"), files.allowed.end());
    const auto shown = attachments(ticket, anna);
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0].at("state"), "stored");
    EXPECT_EQ(shown[0].at("media_type"), "image/png");
    EXPECT_EQ(shown[0].at("picture"), true);
    const auto address = shown[0].at("url").get<std::string>();
    const auto content = desk.get(address, anna);
    ASSERT_EQ(content.status, 200);
    EXPECT_EQ(content.body, png());
    EXPECT_EQ(content.headers.find("Content-Type"), "image/png");
    EXPECT_EQ(content.headers.find("X-Content-Type-Options"), "nosniff");
    EXPECT_NE(content.headers.find("Content-Security-Policy")->find("sandbox"), std::string_view::npos);
    EXPECT_EQ(content.headers.find("Content-Disposition")->find_first_of("\r\n/"), std::string_view::npos);
    EXPECT_EQ(content.headers.find("Cache-Control"), "no-store");
    const auto stranger = desk.person(Role::supervisor, "stranger", {"impresa"});
    EXPECT_EQ(desk.get(address, stranger).status, 404);
    EXPECT_EQ(desk.get("/v1/attachments/99/content", anna).status, 404);
    EXPECT_EQ(desk.send(Desk::request(http::Method::get, address)).status, 401);
    // The file that was changed on the disk is not handed out.
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) std::ofstream(entry.path()) << "<script>";
    }
    EXPECT_EQ(desk.get(address, anna).status, 404);
}

TEST_F(PrivacyApi, WhatIsNoPictureIsOnlySavedWhateverItIsCalled)
{
    const std::vector<std::string> hostile{"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
                                           "<?xml version=\"1.0\"?><svg onload=\"alert(1)\"></svg>",
                                           "<!DOCTYPE html><script>alert(1)</script>",
                                           "GIF8<script>alert(1)</script>",
                                           "%PDF-1.4 <script>",
                                           "#!/bin/sh\nrm -rf /",
                                           png(100'000, 100'000)};
    desk.house.start();
    for (std::size_t i = 0; i < hostile.size(); ++i) {
        const std::string url = "https://scontent.xx.fbcdn.net/" + std::to_string(i) + ".png";
        files.served[url] = {200, hostile[i]};
        write_with("mara" + std::to_string(i), "guardate", url, "foto.png");
        desk.house.run_for(5s);
        const auto shown = attachments(newest_ticket(), anna);
        ASSERT_EQ(shown.size(), 1U);
        const auto content = desk.get(shown[0].at("url").get<std::string>(), anna);
        ASSERT_EQ(content.status, 200);
        EXPECT_EQ(content.headers.find("Content-Type"), "application/octet-stream") << hostile[i].substr(0, 20);
        EXPECT_TRUE(content.headers.find("Content-Disposition")->starts_with("attachment;")) << hostile[i].substr(0, 20);
    }
}

TEST_F(PrivacyApi, WhatCannotBeFetchedIsTriedAgainThenSaysWhy)
{
    const std::string url = "https://scontent.xx.fbcdn.net/weg.png";
    desk.house.start();
    write_with("mara", "guardate", url, "foto.png");
    const auto ticket = newest_ticket();
    desk.house.run_for(10s);
    auto shown = attachments(ticket, anna);
    EXPECT_EQ(shown[0].at("state"), "remote");
    EXPECT_EQ(shown[0].at("reason"), "cannot connect");
    EXPECT_TRUE(shown[0].at("url").is_null());
    EXPECT_EQ(desk.get("/v1/attachments/" + shown[0].at("id").dump() + "/content", anna).status, 409);
    files.served[url] = {403, ""};
    desk.house.run_for(2min);
    shown = attachments(ticket, anna);
    EXPECT_EQ(shown[0].at("state"), "refused");
    const auto asked = files.asked;
    desk.house.run_for(3h);
    EXPECT_EQ(files.asked, asked);
    files.served["https://scontent.xx.fbcdn.net/gross.png"] = {200, std::string((1 << 20) + 1, 'x')};
    write_with("ugo", "guardate", "https://scontent.xx.fbcdn.net/gross.png", "foto.png");
    desk.house.run_for(5h);
    desk.log_in_again(anna);
    EXPECT_EQ(attachments(newest_ticket(), anna)[0].at("state"), "refused");
    EXPECT_EQ(kept(), 0U);
}

TEST_F(PrivacyApi, AnUploadGoesOutWithAReplyOnBothPlatforms)
{
    desk.house.start();
    // X: with the post.
    const auto on_x = desk.ticket_from_x("mara", "@TIM_Sportello no line");
    const auto kept_x = upload(on_x, png(), anna, "percorso.png", "u-1");
    ASSERT_EQ(kept_x.status, 201) << kept_x.body;
    const auto id = body_of(kept_x).at("id").get<std::int64_t>();
    EXPECT_EQ(body_of(upload(on_x, png(), anna, "percorso.png", "u-1")).at("id"), id);
    const auto sent = desk.post("/v1/tickets/" + std::to_string(on_x) + "/replies", anna,
                                {{"text", "Ecco la mappa."}, {"visibility", "public"}, {"attachments", json::array({id})}}, "r-1");
    ASSERT_EQ(sent.status, 202) << sent.body;
    EXPECT_EQ(desk.post("/v1/tickets/" + std::to_string(on_x) + "/replies", anna,
                        {{"text", "Ancora."}, {"visibility", "public"}, {"attachments", json::array({id})}})
                  .status,
              409);
    EXPECT_EQ(desk.get("/v1/uploads/" + std::to_string(id) + "/content", anna).body, png());
    // Messenger: behind the text.
    desk.house.customer_writes(House::page, simulator::Kind::direct_message, "ugo", "non va");
    desk.house.run(desk.house.engine->poll_once("tim-facebook"));
    const auto private_one = newest_ticket();
    const auto first = body_of(upload(private_one, png(50, 50), anna)).at("id");
    const auto second = body_of(upload(private_one, png(60, 60), anna)).at("id");
    const auto sent_too = desk.post("/v1/tickets/" + std::to_string(private_one) + "/replies", anna,
                                    {{"text", "Due immagini."}, {"visibility", "private"}, {"attachments", json::array({first, second})}});
    ASSERT_EQ(sent_too.status, 202) << sent_too.body;
    desk.house.run_for(2min);
    std::size_t with_file = 0;
    for (const auto& item : desk.house.simulator.world().items()) {
        if (!item.own) continue;
        with_file += item.media.size();
    }
    EXPECT_EQ(with_file, 3U);
    EXPECT_EQ(body_of(desk.get("/v1/replies/" + body_of(sent).at("id").dump(), anna)).at("delivery").at("state"), "published");
    EXPECT_EQ(body_of(desk.get("/v1/replies/" + body_of(sent_too).at("id").dump(), anna)).at("delivery").at("state"), "published");
    EXPECT_EQ(attachments(on_x, anna, "reply").at(0).at("id"), id);
    EXPECT_EQ(attachments(private_one, anna, "reply").size(), 2U);
}

TEST_F(PrivacyApi, AnUploadIsOfOnePersonOneTicketAndOneUse)
{
    const auto bruno = desk.person(Role::agent, "bruno");
    const auto stranger = desk.person(Role::agent, "stranger", {"impresa"});
    const auto one = desk.ticket_from_x("mara", "@TIM_Sportello uno");
    const auto two = desk.ticket_from_x("ugo", "@TIM_Sportello due");
    const auto id = body_of(upload(one, png(), anna)).at("id");
    const auto reply = [&](std::int64_t ticket, const test::Person& who, const json& ids) {
        return desk
            .post("/v1/tickets/" + std::to_string(ticket) + "/replies", who,
                  {{"text", "Ecco."}, {"visibility", "public"}, {"attachments", ids}})
            .status;
    };
    EXPECT_EQ(reply(two, anna, json::array({id})), 422);
    EXPECT_EQ(reply(one, bruno, json::array({id})), 422);
    EXPECT_EQ(reply(one, anna, json::array({id, id})), 422);
    EXPECT_EQ(reply(one, anna, json::array({999})), 422);
    EXPECT_EQ(upload(one, png(), stranger).status, 404);
    EXPECT_EQ(desk.get("/v1/uploads/" + id.dump() + "/content", stranger).status, 404);
    EXPECT_EQ(upload(one, "", anna).status, 422);
    EXPECT_EQ(upload(one, std::string((1 << 20) + 1, 'x'), anna).status, 422);
    EXPECT_EQ(upload(one, "<svg onload=alert(1)/>", anna, "foto.png").status, 422);
    EXPECT_EQ(desk.post("/v1/tickets/" + std::to_string(one) + "/uploads", anna, {{"x", 1}}).status, 415);
    EXPECT_EQ(kept(), 1U);
    // Unused it is gone after a day.
    desk.house.start();
    desk.house.run_for(25h);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM upload"), 0);
    EXPECT_EQ(kept(), 0U);
}

TEST_F(PrivacyApi, AReplyWhoseFileIsLostSaysSoAndNothingIsSent)
{
    const auto ticket = desk.ticket_from_x("mara", "@TIM_Sportello uno");
    const auto id = body_of(upload(ticket, png(), anna)).at("id");
    const auto sent = desk.post("/v1/tickets/" + std::to_string(ticket) + "/replies", anna,
                                {{"text", "Ecco la mappa."}, {"visibility", "public"}, {"attachments", json::array({id})}});
    ASSERT_EQ(sent.status, 202);
    std::filesystem::remove_all(folder);
    desk.house.start();
    desk.house.run_for(1min);
    const auto reply = body_of(desk.get("/v1/replies/" + body_of(sent).at("id").dump(), anna));
    EXPECT_EQ(reply.at("delivery").at("state"), "failed");
    EXPECT_EQ(desk.house.copies_on_platform("Ecco la mappa"), 0U);
    std::filesystem::create_directories(folder);
}

TEST(FileKinds, AreToldByBytesAlone)
{
    EXPECT_TRUE(domain::is_safe_image(png()));
    EXPECT_FALSE(domain::is_safe_image(png(0, 10)));
    EXPECT_FALSE(domain::is_safe_image(png(20'001, 1)));
    EXPECT_FALSE(domain::is_safe_image(png(19'000, 19'000)));
    EXPECT_FALSE(domain::is_safe_image(png().substr(0, 20)));
    EXPECT_TRUE(domain::is_safe_image(std::string("GIF89a\x10\0\x10\0", 10)));
    EXPECT_TRUE(domain::is_safe_image(std::string("\xFF\xD8\xFF\xE0\0\x04xx\xFF\xC0\0\x11\x08\0\x10\0\x20\x03\x01", 22)));
    EXPECT_FALSE(domain::is_safe_image("\xFF\xD8\xFF"));
    EXPECT_FALSE(domain::is_safe_image(std::string("\xFF\xD8\xFF\xE0\0\0\0\0\0\0\0\0\0\0", 14)));
    EXPECT_FALSE(domain::is_safe_image("RIFF1234WEBPVP8X"));
    EXPECT_EQ(domain::safe_file_name("../../etc/passwd", ""), "passwd");
    EXPECT_EQ(domain::safe_file_name("C:\\x\\a\r\nb\".svg", "image/png"), "a__b_.svg.png");
    EXPECT_EQ(domain::safe_file_name("...", ""), "file");
    EXPECT_EQ(domain::safe_file_name("à.png", "image/png"), "à.png");
    EXPECT_LE(domain::safe_file_name(std::string(500, 'x'), "image/png").size(), 130U);
}

TEST_F(PrivacyApi, AnExportIsWholeAndAnErasureReachesEverything)
{
    const std::string url = "https://scontent.xx.fbcdn.net/bolletta.png";
    files.served[url] = {200, png()};
    desk.house.start();
    const std::string canary = "canarino";
    const auto platform_id = write_with("maracanarino", "canarino: il mio numero è 347 1234567", url, "canarino.png");
    const auto ticket = newest_ticket();
    const auto address = "/v1/tickets/" + std::to_string(ticket);
    desk.house.run_for(5s);
    ASSERT_EQ(kept(), 1U);
    desk.post(address + "/take", anna);
    desk.post(address + "/notes", anna, {{"text", "nota canarino"}});
    EXPECT_EQ(
        desk.post(address + "/reminders", anna, {{"text", "canarino"}, {"at", base::to_rfc3339(desk.house.clock.now() + 24h)}}).status,
        201);
    ASSERT_EQ(desk.post(address + "/replies", anna, {{"text", "Salve canarino"}, {"visibility", "private"}}).status, 202);
    desk.patch(address, anna, {{"subject", "canarino in bolletta"}});
    plant(address, "/v1/customers/" + std::to_string(desk.house.count("SELECT max(customer_id) FROM ticket")));
    desk.house.run_for(2min);
    const auto other = desk.ticket_from_x("ugo", "@TIM_Sportello altro");
    const auto customer = desk.house.count("SELECT customer_id FROM ticket WHERE channel = 'tim-facebook'");
    const auto person = "/v1/customers/" + std::to_string(customer);
    const auto user = desk.house
                          .read([&](storage::Transaction& tx) -> base::Result<std::string> {
                              return tx
                                  .first("SELECT platform_user_id FROM identity WHERE platform = 'facebook'",
                                         [](const storage::Row& row) { return row.string(0); })
                                  .value();
                          })
                          .value();

    // The export.
    const auto boss = desk.person(Role::supervisor, "boss");
    const auto foreign = desk.person(Role::admin, "foreign", {"impresa"});
    EXPECT_EQ(desk.get(person + "/export", boss).status, 403);
    EXPECT_EQ(desk.get(person + "/export", foreign).status, 404);
    const auto whole = desk.get(person + "/export", admin);
    ASSERT_EQ(whole.status, 200) << whole.body;
    const auto exported = body_of(whole);
    EXPECT_EQ(exported.at("messages").at(0).at("text"), "canarino: il mio numero è 347 1234567");
    EXPECT_EQ(exported.at("notes").at(0).at("text"), "nota canarino");
    EXPECT_EQ(exported.at("replies").at(0).at("text"), "Salve canarino");
    EXPECT_EQ(exported.at("attachments").at(0).at("name"), "canarino.png");
    EXPECT_EQ(exported.at("identities").at(0).at("platform_user_id"), user);
    EXPECT_FALSE(exported.at("events").empty());
    EXPECT_EQ(exported.at("cards").at(0).at("contract_reference"), "CANARINO-7");
    EXPECT_EQ(exported.at("customer_notes").at(0).at("text"), "paga tardi, canarino");
    EXPECT_EQ(whole.body.find("altro"), std::string::npos); // nobody else's

    // The erasure.
    EXPECT_EQ(desk.del(person, boss).status, 403);
    const auto erase = [&](const test::Person& who, const json& body) {
        return desk.send(Desk::request(http::Method::del, person, &who, body.dump()));
    };
    EXPECT_EQ(erase(foreign, {{"reason", "x"}}).status, 404);
    EXPECT_EQ(erase(admin, json::object()).status, 400);
    const auto tickets_before = desk.house.count("SELECT count(*) FROM ticket");
    const auto messages_before = desk.house.count("SELECT count(*) FROM message");
    const auto answered_before = desk.house.count("SELECT count(*) FROM ticket WHERE first_response_at IS NOT NULL");
    const auto events_before = desk.house.count("SELECT count(*) FROM event");
    const auto erased = erase(admin, {{"reason", "Art. 17"}});
    ASSERT_EQ(erased.status, 200) << erased.body;
    EXPECT_EQ(body_of(erased).at("tickets"), 1);
    EXPECT_EQ(body_of(erased).at("files"), 1);
    desk.house.run_for(15min);
    const auto all = everything();
    for (const std::string& trace : {canary, std::string("CANARINO"), std::string("347 1234567"), user, std::string("bolletta")}) {
        const auto at = all.find(trace);
        EXPECT_EQ(at, std::string::npos) << trace << " in " << all.substr(at == std::string::npos ? 0 : all.rfind('\n', at) + 1, 120);
    }
    EXPECT_EQ(desk.send(repeat).status, 409) << "done already, and nothing is told of it";
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM customer_note"), 0);
    EXPECT_EQ(kept(), 0U);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM ticket"), tickets_before);
    EXPECT_GE(desk.house.count("SELECT count(*) FROM message"), messages_before); // our reply is read back
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM ticket WHERE first_response_at IS NOT NULL"), answered_before);
    EXPECT_GE(desk.house.count("SELECT count(*) FROM event"), events_before);
    EXPECT_NE(all.find("altro"), std::string::npos);
    const auto chain =
        desk.house.read([&](storage::Transaction& tx) -> base::Result<storage::AuditCheck> { return storage::check_audit(tx, 0, ""); })
            .value();
    EXPECT_EQ(chain.flaw, "");
    EXPECT_EQ(desk.house.count(
                  "SELECT count(*) FROM audit WHERE action IN ('customer.erased', 'customer.exported') AND reason IN ('', 'Art. 17')"),
              2);

    // The platform shows it still; nothing comes back. What the person writes anew is a new customer's.
    desk.house.run_for(1h);
    EXPECT_EQ(everything().find(canary), std::string::npos);
    desk.house.customer_writes(House::page, simulator::Kind::direct_message, "maracanarino", "di nuovo io");
    desk.house.run(desk.house.engine->poll_once("tim-facebook"));
    desk.log_in_again(admin);
    EXPECT_NE(desk.house.count("SELECT max(customer_id) FROM ticket"), customer);
    EXPECT_EQ(everything().find("canarino: il mio"), std::string::npos);
    (void)other;
    (void)platform_id;
}

TEST_F(PrivacyApi, WhoseReplyIsOnItsWayIsNotErasedYet)
{
    const auto ticket = desk.ticket_from_x("mara", "@TIM_Sportello uno");
    desk.post("/v1/tickets/" + std::to_string(ticket) + "/replies", anna, {{"text", "Salve"}, {"visibility", "public"}});
    const auto customer = desk.house.count("SELECT customer_id FROM ticket");
    const auto refused =
        desk.send(Desk::request(http::Method::del, "/v1/customers/" + std::to_string(customer), &admin, R"({"reason": "x"})"));
    EXPECT_EQ(refused.status, 409);
}

TEST_F(PrivacyApi, ARestoredDatabaseForgetsAgain)
{
    const auto ticket = desk.ticket_from_x("mara", "@TIM_Sportello segreto");
    const auto customer = desk.house.count("SELECT customer_id FROM ticket WHERE id = "
                                           "(SELECT max(id) FROM ticket)");
    desk.house.back_up();
    const auto done = desk.house.run(desk.house.engine->privacy().erase(domain::CustomerId{customer}, "x", desk.house.as(admin.id)));
    ASSERT_TRUE(done);
    EXPECT_EQ(everything().find("segreto"), std::string::npos);
    desk.api.reset();
    desk.house.restore_and_restart();
    EXPECT_NE(everything().find("segreto"), std::string::npos);
    EXPECT_EQ(desk.house.engine->privacy().reapply_erasures().value(), 1U);
    EXPECT_EQ(everything().find("segreto"), std::string::npos);
    EXPECT_EQ(desk.house.engine->privacy().reapply_erasures().value(), 0U);
    (void)ticket;
}

TEST(Retention, ForgetsALittleAtATimeAndOnlyWhatIsOver)
{
    test::HouseOptions options{.automatic_assignment = false, .poll = 24h, .recheck = 24h};
    options.settings = [](engine::Settings& settings) {
        settings.retention.messages = 24h * 30;
        settings.retention.raw = 24h;
        settings.retention.events = 24h * 60;
    };
    Desk desk(options);
    const auto old = desk.stored_ticket("mara", "vecchio");
    const auto open = desk.stored_ticket("ugo", "aperto");
    const auto now = desk.house.clock.now();
    const auto made = desk.house.db->write_now([&](storage::Transaction& tx) -> base::Result<void> {
        tx.run("UPDATE ticket SET status = 'closed', closed_at = $2 WHERE id = $1", old, now);
        for (int i = 0; i < 500; ++i)
            tx.run("INSERT INTO rejected_item (channel, platform_id, reason, raw, at) VALUES ('tim-x', '', '', '{}', $1)", now);
        return {};
    });
    ASSERT_TRUE(made);
    desk.house.run(desk.house.engine->privacy().forget_old());
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM rejected_item"), 500);
    desk.house.run_for(24h * 31);
    desk.house.run(desk.house.engine->privacy().forget_old());
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM rejected_item"), 300);
    desk.house.start();
    desk.house.run_for(1min);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM rejected_item"), 0);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM ticket WHERE subject = 'aperto'"), 1);
    EXPECT_EQ(desk.house.count("SELECT count(*) FROM ticket WHERE subject = 'vecchio'"), 0);
    (void)open;
}

} // namespace
} // namespace sportello
