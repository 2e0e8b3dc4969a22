#include "support/house.hpp"

#include "support/test_database.hpp"

#include <map>

namespace sportello::test {

House::House(HouseOptions given)
    : options(given), random(given.seed), directory_(make_directory()), simulator(clock, random, {}), transport(simulator.handler())
{
    open();
    add_agents();
}

House::~House()
{
    close();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
}

void House::start()
{
    engine->start();
}

void House::run_for(base::Duration duration)
{
    clock.run_for(*io, duration);
}

void House::crash_and_restart()
{
    close();
    open();
    start();
}

void House::back_up()
{
    if (on_postgresql()) return keep_rows_of(directory_ / "house.db");
    std::filesystem::remove_all(directory_ / "backup");
    std::filesystem::create_directory(directory_ / "backup");
    for (const char* name : {"house.db", "house.db-wal"}) {
        if (std::filesystem::exists(directory_ / name)) std::filesystem::copy(directory_ / name, directory_ / "backup" / name);
    }
}

void House::restore_and_restart()
{
    close();
    if (on_postgresql()) {
        put_rows_back_into(directory_ / "house.db");
    } else {
        for (const char* name : {"house.db", "house.db-wal", "house.db-shm"}) std::filesystem::remove(directory_ / name);
        for (const auto& file : std::filesystem::directory_iterator(directory_ / "backup")) {
            std::filesystem::copy(file.path(), directory_ / file.path().filename());
        }
    }
    open();
    start();
}

void House::sign_in_on_x()
{
    control("x", R"({"auto_grant": "TIM_Sportello"})");
    const auto sign_in =
        connectors::make_sign_in(connectors::SignInWay::x_oauth2, reach_of_x(), "http://localhost:8765/callback", transport, clock, random);
    http::ClientRequest look;
    look.url = run(sign_in->begin()).value();
    const auto sent = run(transport.send(look));
    const std::string back(sent.response->headers.find("Location").value_or("?"));
    auto finish = sign_in->finish(http::Parameters::parse(std::string_view(back).substr(back.find('?') + 1)), false);
    x_tokens.tokens = run(std::move(finish)).value().tokens;
}

void House::control(const std::string& what, const std::string& json)
{
    http::ClientRequest request;
    request.method = http::Method::post;
    request.url = "http://simulator.test/control/" + what;
    request.body = json;
    const auto answered = run(transport.send(request));
    EXPECT_TRUE(answered.response && answered.response->status < 300)
        << what << ": " << (answered.response ? answered.response->body : answered.failure);
}

std::string House::customer_writes(const Account& account, simulator::Kind kind, const std::string& author, const std::string& text,
                                   const std::string& in_reply_to)
{
    simulator::NewItem item;
    item.platform = account.first;
    item.account = account.second;
    item.kind = kind;
    item.author = author;
    item.text = text;
    item.in_reply_to = in_reply_to;
    const auto id = simulator.write(item);
    EXPECT_TRUE(id) << (id ? "" : id.error().what());
    return id ? *id : std::string();
}

engine::Command House::as(std::int64_t agent, std::string key) const
{
    engine::Command command;
    command.actor.id = domain::AgentId{agent};
    command.request_hash = key;
    command.idempotency_key = std::move(key);
    return command;
}

std::vector<domain::Ticket> House::tickets()
{
    std::vector<domain::Ticket> all;
    auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
        tx.for_each("SELECT id FROM ticket ORDER BY id", [&](const storage::Row& row) { ids_.push_back(row.number(0)); });
        for (const std::int64_t id : ids_) all.push_back(storage::find_ticket(tx, domain::TicketId{id}).value());
        ids_.clear();
        return {};
    };
    EXPECT_TRUE(db->read_now(unit));
    return all;
}

domain::Ticket House::ticket(domain::TicketId id)
{
    return read([&](storage::Transaction& tx) { return storage::find_ticket(tx, id); }).value();
}

domain::Reply House::reply(domain::ReplyId id)
{
    return read([&](storage::Transaction& tx) { return storage::find_reply(tx, id); }).value();
}

std::int64_t House::count(std::string_view sql)
{
    return read([&](storage::Transaction& tx) -> base::Result<std::int64_t> {
               return tx.first(sql, [](const storage::Row& row) { return row.number(0); }).value_or(-1);
           })
        .value();
}

std::size_t House::copies_on_platform(const std::string& text)
{
    std::size_t copies = 0;
    for (const simulator::Item& item : simulator.world().items()) {
        copies += item.own && !item.deleted && item.now().text.find(text) != std::string::npos;
    }
    return copies;
}

connectors::ChannelSettings House::reach_of_x()
{
    connectors::ChannelSettings reach;
    reach.id = "tim-x";
    reach.brand = "tim";
    reach.platform = domain::Platform::twitter;
    reach.account = handle.second;
    reach.api_base = "http://simulator.test/2";
    reach.credentials.client_id = simulator::consumer_key;
    reach.credentials.client_secret = simulator::consumer_secret;
    reach.token_store = &x_tokens;
    reach.tokens = x_tokens.tokens;
    return reach;
}

std::filesystem::path House::make_directory()
{
    std::string name = (std::filesystem::temp_directory_path() / "sportello-house-XXXXXX").string();
    return mkdtemp(name.data());
}

std::map<std::string, std::pair<House::Account, std::string>> House::places() const
{
    std::map<std::string, std::pair<Account, std::string>> all{{"tim-facebook", {page, "tim"}},
                                                               {"tim-x", {handle, options.brand_for_each_channel ? "impresa" : "tim"}}};
    if (!options.three_brands) return all;
    all["telecom-facebook"] = {{simulator::Platform::facebook, "104000000000001"}, "telecom"};
    all["telecom-x"] = {{simulator::Platform::twitter, "TelecomItalia"}, "telecom"};
    all["impresa-facebook"] = {{simulator::Platform::facebook, "104000000000003"}, "impresa"};
    all["impresa-x"] = {{simulator::Platform::twitter, "ImpresaSemplice"}, "impresa"};
    return all;
}

engine::Settings House::settings() const
{
    engine::Settings made;
    std::map<std::string, std::string> names{{"tim", "TIM"}};
    if (options.brand_for_each_channel) names["impresa"] = "Impresa";
    if (options.three_brands) names = {{"telecom", "Telecom Italia"}, {"tim", "TIM"}, {"impresa", "Impresa Semplice"}};
    const auto calendar =
        std::make_shared<const domain::Calendar>(options.office_hours         ? domain::Calendar::make(*options.office_hours).value()
                                                 : options.office_always_open ? domain::Calendar::always_open()
                                                                              : office_hours());
    for (const auto& [id, name] : names) {
        engine::BrandSettings brand;
        brand.id = id;
        brand.name = name;
        brand.calendar = calendar;
        made.brands.push_back(std::move(brand));
    }
    if (!options.automatic_assignment) made.assignment.policy = domain::AssignmentPolicy::manual;
    made.lineage_file = directory_ / "house.db.lineage";
    for (const auto& [id, place] : places()) {
        const auto& [account, brand] = place;
        engine::ChannelSettings channel;
        channel.id = id;
        channel.brand = brand;
        channel.platform = account.first == simulator::Platform::facebook ? domain::Platform::facebook : domain::Platform::twitter;
        channel.account = account.second;
        channel.poll_open = options.poll;
        channel.poll_closed = options.poll_closed == 0s ? options.poll : options.poll_closed;
        channel.recheck = options.recheck;
        channel.start_at = options.start_at;
        channel.publish = options.publish;
        channel.reply_rule = options.reply_rule;
        channel.human_agent = options.human_agent;
        channel.resend_unseen = options.resend_unseen;
        if (channel.platform == domain::Platform::twitter) channel.money = options.money;
        made.channels.push_back(channel);
    }
    if (options.settings) options.settings(made);
    return made;
}

domain::Calendar House::office_hours()
{
    domain::CalendarSpec spec;
    for (std::size_t day = 0; day < 5; ++day) spec.weekly[day] = domain::parse_windows("09:00-18:00").value();
    return domain::Calendar::make(spec).value();
}

void House::open()
{
    io = std::make_unique<boost::asio::io_context>(1);
    db = open_database(directory_ / "house.db", clock);
    if (options.database) db = options.database(std::move(db));
    const engine::Settings made = settings();
    engine::Connectors connectors;
    for (const engine::ChannelSettings& channel : made.channels) {
        connectors::ChannelSettings reach;
        reach.id = channel.id;
        reach.brand = channel.brand;
        reach.platform = channel.platform;
        reach.account = channel.account;
        reach.money = channel.money;
        reach.api_base = channel.platform == domain::Platform::facebook ? "http://simulator.test/v25.0" : "http://simulator.test/2";
        reach.human_agent = channel.human_agent;
        reach.credentials.access_token = "sim-" + std::string(to_string(channel.platform)) + "-" + channel.account;
        if (options.renewing_tokens && channel.id == "tim-x") reach = reach_of_x();
        connectors.emplace(channel.id, options.connector ? options.connector(channel.id, clock)
                                                         : connectors::make_connector(reach, transport, clock, random));
    }
    engine = std::make_unique<engine::Engine>(io->get_executor(), *db, made, std::move(connectors), clock, random);
    if (options.one_of_several) engine->share_duties({.name = "node" + std::to_string(++nodes_)});
    if (options.courier) engine->use_courier(*options.courier);
}

void House::add_agents()
{
    auto unit = [&](storage::Transaction& tx) -> base::Result<void> {
        for (int i = 1; i <= options.agents; ++i) {
            domain::Agent agent;
            agent.login = "agent" + std::to_string(i);
            agent.name = "Agent " + std::to_string(i);
            agent.available = true;
            agent.capacity = options.capacity;
            if (options.brand_for_each_channel) agent.brands = {i % 2 ? "tim" : "impresa"};
            if (const auto added = storage::insert_agent(tx, agent, "", clock.now()); !added) return added.error();
        }
        return {};
    };
    EXPECT_TRUE(db->write_now(unit));
}

void House::close()
{
    engine.reset();
    io.reset();
    db.reset();
}

} // namespace sportello::test
