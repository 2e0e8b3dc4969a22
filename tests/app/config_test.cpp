#include "process.hpp"

#include <config.hpp>
#include <running.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace sportello::app {
namespace {

using sportello::test::TemporaryFolder;
using sportello::test::write_file;
using testing::HasSubstr;
using testing::Not;

std::optional<std::string> every_name_is_set(const std::string& name)
{
    return "token-of-" + name;
}

std::optional<std::string> only_tim_is_set(const std::string& name)
{
    return name == "TIM_TOKEN" ? std::optional<std::string>("a-token-of-tim") : std::nullopt;
}

std::string in_words(const std::vector<ConfigProblem>& problems)
{
    std::string text;
    for (const ConfigProblem& problem : problems) text += problem.to_string() + "\n";
    return text;
}

std::filesystem::path config_folder()
{
    return std::filesystem::path(SPORTELLO_SOURCE_DIR) / "config";
}

const std::string sound = "[calendar.office]\nmonday = [\"09:00-18:00\"]\n[[brand]]\nid = \"tim\"\n";
const std::string channel = "[[channel]]\nid = \"tim-x\"\nbrand = \"tim\"\nplatform = \"twitter\"\naccount = \"TIM\"\n";

TEST(Config, TheDemoLoads)
{
    const LoadedConfig loaded = load_config(config_folder() / "demo.toml", every_name_is_set);
    ASSERT_TRUE(loaded.config) << in_words(loaded.problems);
    EXPECT_TRUE(loaded.warnings.empty()) << in_words(loaded.warnings);
    EXPECT_EQ(loaded.config->engine.brands.size(), 3u);
    ASSERT_EQ(loaded.config->connectors.size(), 6u);
    EXPECT_EQ(loaded.config->connectors.front().credentials.access_token, "token-of-SPORTELLO_FACEBOOK_104000000000001");
    EXPECT_EQ(loaded.config->connectors.front().api_base, "http://127.0.0.1:8090/v25.0");
    const auto& agents = loaded.config->agents;
    EXPECT_EQ(std::count_if(agents.begin(), agents.end(), [](const auto& a) { return a.role == domain::Role::agent && a.available; }), 9);
}

TEST(Config, TheExampleLoadsAndExplainsEveryKey)
{
    const auto file = config_folder() / "sportello.example.toml";
    const LoadedConfig loaded = load_config(file, every_name_is_set);
    EXPECT_TRUE(loaded.config) << in_words(loaded.problems);
    EXPECT_TRUE(loaded.warnings.empty()) << in_words(loaded.warnings);
    std::ifstream lines(file);
    std::set<std::string> explained; // by a sentence above, or as one of a group that has one, or where the key came first
    bool in_group = false;
    for (std::string line; std::getline(lines, line);) {
        const bool key = !line.empty() && line.front() != '#' && line.front() != '[';
        const std::string name = line.substr(0, line.find(' '));
        if (key && in_group) explained.insert(name);
        if (key) { EXPECT_TRUE(explained.contains(name)) << "no sentence explains: " << line; }
        in_group = line.starts_with("#") || (key && in_group);
    }
}

TEST(Config, APracticeHouseKnowsNoOtherPlatformThanItsSimulator)
{
    const TemporaryFolder folder;
    const auto file = folder / "sportello.toml";
    const auto credentials = "credentials = \"env:TIM_TOKEN\"\n";
    write_file(file, sound + "[practice]\nsimulator = \"http://127.0.0.1:8090/\"\n" + channel + credentials);
    const LoadedConfig loaded = load_config(file, only_tim_is_set);
    ASSERT_TRUE(loaded.config) << in_words(loaded.problems);
    EXPECT_EQ(loaded.config->practice, "http://127.0.0.1:8090");
    EXPECT_EQ(loaded.config->connectors.front().api_base, "http://127.0.0.1:8090/2");
}

TEST(Config, FurtherWordsAndPlacesOfOutagesCount)
{
    const LoadedConfig loaded = load_config(config_folder() / "sportello.example.toml", every_name_is_set);
    ASSERT_TRUE(loaded.config) << in_words(loaded.problems);
    const domain::OutageReading reading = loaded.config->engine.outages.words().read("il fax all'EUR fa ancora i capricci");
    EXPECT_TRUE(reading.outage);
    EXPECT_EQ(reading.services, std::vector<std::string>{"fax"});
    EXPECT_EQ(reading.places, std::vector<std::string>{"RM/EUR"});
}

/// A configuration with one mistake. '^' marks where it must be reported; the rest is sound.
struct Mistake {
    const char* name;
    std::string toml;
    std::string expected; ///< part of what is said
    friend void PrintTo(const Mistake& m, std::ostream* out) { *out << m.name; }
};

const std::string rule = "[[rule]]\nname = \"r\"\nthen = { label = \"l\" }\n";

class ConfigMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ConfigMistake, IsReportedWhereItStands)
{
    std::string toml = GetParam().toml;
    const std::size_t mark = toml.find('^');
    ASSERT_NE(mark, std::string::npos);
    const auto line = static_cast<unsigned>(std::count(toml.begin(), toml.begin() + static_cast<std::ptrdiff_t>(mark), '\n')) + 1;
    const auto column = static_cast<unsigned>(mark - (toml.rfind('\n', mark) + 1)) + 1;
    toml.erase(mark, 1);

    const TemporaryFolder folder;
    const auto file = folder / "sportello.toml";
    write_file(file, toml);
    const LoadedConfig loaded = load_config(file, only_tim_is_set);
    EXPECT_FALSE(loaded.config);
    ASSERT_EQ(loaded.problems.size(), 1u) << in_words(loaded.problems);
    const ConfigProblem& problem = loaded.problems.front();
    EXPECT_EQ(problem.file, file.string());
    EXPECT_EQ(problem.line, line) << problem.to_string();
    EXPECT_EQ(problem.column, column) << problem.to_string();
    EXPECT_THAT(problem.message, HasSubstr(GetParam().expected));
    EXPECT_THAT(problem.message, Not(HasSubstr("EAAB-a-secret")));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ConfigMistake,
    testing::Values(
        Mistake{"CrmLinkInTheClear", sound + "[[crm_link]]\nname = \"c\"\nurl = ^\"http://crm.test/{contract}\"\n", "an https address"},
        Mistake{"CrmLinkThatRunsAScript", sound + "[[crm_link]]\nname = \"c\"\nurl = ^\"javascript:alert({contract})\"\n", "https"},
        Mistake{"CrmLinkWithAnotherWord", sound + "[[crm_link]]\nname = \"c\"\nurl = ^\"https://crm.test/{phone}\"\n", "{handle}"},
        Mistake{"CrmLinkWithoutAnEnd", sound + "[[crm_link]]\nname = \"c\"\nurl = ^\"https://crm.test/{contract\"\n", "{contract}"},
        Mistake{"CrmLinkToWhereTheCustomerSays", sound + "[[crm_link]]\nname = \"c\"\nurl = ^\"https://{handle}.crm.test/\"\n",
                "must not choose the server"},
        Mistake{"CrmLinkOfAnotherBrand", sound + "[[crm_link]]\nname = \"c\"\nurl = \"https://crm.test/\"\nbrands = ^[\"tom\"]\n",
                "\"tom\""},
        Mistake{"PracticeOnCustomers", sound + "[practice]\nsimulator = ^\"https://graph.facebook.com\"\n", "customers are there"},
        Mistake{"PracticeOnTheOtherPlatformsCustomers", sound + "[practice]\nsimulator = ^\"https://api.x.com\"\n", "customers are there"},
        Mistake{"PracticeBesideARealPlatform",
                sound + "[practice]\nsimulator = \"http://127.0.0.1:8090\"\n[platform.twitter]\napi = ^\"https://api.x.com\"\n",
                "both platforms are the simulator"},
        Mistake{"LogFormat", sound + "[log]\nformat = ^\"xml\"\n", "\"text\" or \"json\""},
        Mistake{"AlertOfAnUnknownKind", sound + "[[alert]]\nname = \"a\"\nkinds = ^[\"weather\"]\nto = [\"https://hooks.test/x\"]\n",
                "there is no kind \"weather\"; there are access, channel"},
        Mistake{"AlertToABareAddress", sound + "[[alert]]\nname = \"a\"\nto = ^[\"ops@example.it\"]\n", "\"mailto:ADDRESS\""},
        Mistake{"AlertOfAnotherBrand", sound + "[[alert]]\nname = \"a\"\nbrands = ^[\"tom\"]\nto = [\"https://hooks.test/x\"]\n",
                "\"tom\""},
        Mistake{"AlertTwice",
                sound +
                    "[[alert]]\nname = \"a\"\nto = [\"https://hooks.test/x\"]\n[[alert]]\nname = ^\"a\"\nto = [\"https://hooks.test/x\"]\n",
                "a second time"},
        Mistake{"AlertRepeatedTooOften", sound + "[[alert]]\nname = \"a\"\nrepeat = ^\"5s\"\nto = [\"https://hooks.test/x\"]\n",
                "a minute at least"},
        Mistake{"AlertStepsBackwards",
                sound + "[[alert]]\nname = \"a\"\nto = [\"https://hooks.test/x\"]\nescalate = [{ after = \"20m\", to = "
                        "[\"https://hooks.test/y\"] }, "
                        "{ after = ^\"10m\", to = [\"https://hooks.test/z\"] }]\n",
                "no less than the one before"},
        Mistake{"MailServerWithoutScheme", sound + "[mail]\nserver = ^\"mail.example.it\"\nfrom = \"a@example.it\"\n", "smtp://HOST:587"},
        Mistake{"MailFromTwo", sound + "[mail]\nserver = \"smtps://mail.test\"\nfrom = ^\"a@b.it, c@d.it\"\n", "sportello@example.it"},
        Mistake{"MailPasswordInTheClear",
                sound +
                    "[mail]\nserver = \"smtp://mail.test\"\nfrom = \"a@b.it\"\nuser = \"a\"\npassword = \"env:TIM_TOKEN\"\ntls = ^false\n",
                "in the clear"},
        Mistake{"ListenWithoutPort", sound + "[server]\nlisten = ^\"127.0.0.1\"\n", "\"127.0.0.1:8080\""},
        Mistake{"PortTooHigh", sound + "[server]\nlisten = ^\"127.0.0.1:70000\"\n", "\"127.0.0.1:8080\""},
        Mistake{"PlainHttpForEverybody", sound + "[server]\nlisten = ^\"0.0.0.0:8080\"\n", "give certificate and key"},
        Mistake{"SecondFactorForNobody", sound + "[access]\nsecond_factor_for = ^[\"boss\"]\n", "not \"boss\""},
        Mistake{"IdleLongerThanTheLongest", sound + "[access]\nsession_idle = ^\"13h\"\n", "session_longest"},
        Mistake{"ProviderWithoutTls", sound + "[oidc]\nclient_id = \"s\"\nissuer = ^\"http://id.example\"\n", "https://"},
        Mistake{"ProviderWithoutClient", sound + "[oidc]\nissuer = \"https://id.example\"\nclient_id = ^\"\"\n", "calls Sportello"},
        Mistake{"ScopesWithoutOpenid", sound + "[oidc]\nissuer = \"https://id.example\"\nclient_id = \"s\"\nscopes = ^[\"email\"]\n",
                "\"openid\""},
        Mistake{"CertificateAlone", sound + "[server]\ncertificate = ^\"chain.pem\"\n", "certificate and key go together"},
        Mistake{"PublicUrlWithPath", sound + "[server]\npublic_url = ^\"https://sportello.example/desk\"\n", "without a path"},
        Mistake{"PublicUrlWithoutScheme", sound + "[server]\npublic_url = ^\"sportello.example\"\n", "scheme and host"},
        Mistake{"MistypedKey", sound + "[server]\n^lisen = \"127.0.0.1:8080\"\n", "did you mean 'listen'?"},
        Mistake{"MistypedTable", sound + "[^sever]\nlisten = \"127.0.0.1:8080\"\n", "did you mean 'server'?"},
        Mistake{"NumberInQuotes", sound + "[server]\nbody_limit_bytes = ^\"1 MiB\"\n", "a whole number from 1024 to 67108864"},
        Mistake{"NumberTooSmall", sound + "[server]\nconnection_limit = ^1\n", "a whole number from 16"},
        Mistake{"OtherDatabase", sound + "[storage]\nurl = ^\"mysql://localhost\"\n", "\"sqlite:PATH\""},
        Mistake{"UnknownLogLevel", sound + "[log]\nlevel = ^\"loud\"\n", "trace, debug, info, warn, error, off"},
        Mistake{"DurationWithoutUnit", sound + "[polling]\nopen = ^20\n", "a duration in quotes like \"20s\""},
        Mistake{"DurationTooShort", sound + "[polling]\nclosed = ^\"10ms\"\n", "not under 200 ms"},
        Mistake{"ApiWithoutScheme", sound + "[platform.facebook]\napi = ^\"graph.facebook.com\"\n", "\"https://graph.facebook.com\""},
        Mistake{"BackwardWindow", sound + "[calendar.night]\ntuesday = ^[\"9 to 5\"]\n", "calendar.night.tuesday"},
        Mistake{"UnknownZone", sound + "[calendar.night]\ntime_zone = ^\"Europe/Roma\"\n", "Europe/Roma"},
        Mistake{"NoDate", sound + "[calendar.night]\nclosed = [\"2026-12-24\", ^\"Christmas\"]\n", "a date like 2026-12-24"},
        Mistake{"RadarOfTwo", sound + "[outages]\nleast_people = ^2\n", "a whole number from 3"},
        Mistake{"NoWord", sound + "[outages]\ntroubles = ^[\"non-va\"]\n", "each letters and digits"},
        Mistake{"ServiceWithBlank", sound + "[outages.services]\n\"my fax\" = ^[\"fax\"]\n", "a service is named with small letters"},
        Mistake{"PlaceWithSlash", sound + "[[outages.place]]\nname = ^\"EUR\"\nprovince = \"R/M\"\n", "without tabs"},
        Mistake{"BrandTwice", sound + "[[brand]]\nid = ^\"tim\"\n", "a second time"},
        Mistake{"UnknownCalendar", sound + "[[brand]]\nid = \"b\"\ncalendar = ^\"shop\"\n", "there is no [calendar.shop]"},
        Mistake{"UnknownTarget", sound + "[[brand]]\nid = \"b\"\ntargets = ^\"fast\"\n", "there is no [targets.fast]"},
        Mistake{"WarnTooLate", sound + "[targets.default]\nwarn_at = ^1.5\n", "a share of the target"},
        Mistake{"MistypedPriority", sound + "[targets.default.^urgnt]\nfirst_response = \"5m\"\n", "urgent"},
        Mistake{"TargetOfNoChannel", sound + "^[targets.default.channel.tim-y]\nfirst_response = \"5m\"\n", "no [[channel]] with that id"},
        Mistake{"PromiseOfNoBrand", sound + "[acknowledgement]\npromise = ^[\"tin\"]\npromise_texts.it = \"{promise}\"\n",
                "there is no [[brand]] with id \"tin\""},
        Mistake{"PromiseWithoutText", sound + "[acknowledgement]\npromise = ^true\n", "there are none"},
        Mistake{"PromiseTextWithoutPromise", sound + "[acknowledgement]\npromise_texts = ^{ it = \"Presto!\" }\n", "expected {promise}"},
        Mistake{"UnknownLanguage", sound + "[[brand]]\nid = \"b\"\nlanguage = ^\"fr\"\n", "\"it\" or \"en\""},
        Mistake{"ChannelOfNoBrand",
                sound + "[[channel]]\nid = \"x\"\nbrand = ^\"tin\"\nplatform = \"twitter\"\naccount = \"TIM\"\n"
                        "credentials = \"env:TIM_TOKEN\"\n",
                "there is no [[brand]] with id \"tin\""},
        Mistake{"UnknownPlatform",
                sound + "[[channel]]\nid = \"x\"\nbrand = \"tim\"\nplatform = ^\"x\"\naccount = \"TIM\"\n"
                        "credentials = \"env:TIM_TOKEN\"\n",
                "\"facebook\" or \"twitter\""},
        Mistake{"HandleWithAt",
                sound + "[[channel]]\nid = \"x\"\nbrand = \"tim\"\nplatform = \"twitter\"\naccount = ^\"@TIM\"\n"
                        "credentials = \"env:TIM_TOKEN\"\n",
                "without '@'"},
        Mistake{"StartWithoutOffset", sound + channel + "credentials = \"env:TIM_TOKEN\"\nstart_at = ^2026-03-02T09:00:00\n", "its offset"},
        Mistake{"StartNoTime", sound + channel + "credentials = \"env:TIM_TOKEN\"\nstart_at = ^\"tomorrow\"\n", "its offset"},
        Mistake{"BudgetNoAmount", sound + channel + "credentials = \"env:TIM_TOKEN\"\nbudget = { usd_a_day = ^\"five\" }\n",
                "US dollars above 0"},
        Mistake{"BudgetOfNothing", sound + channel + "credentials = \"env:TIM_TOKEN\"\nbudget = { usd_a_month = ^0 }\n",
                "US dollars above 0"},
        Mistake{"PublishNoWord", sound + channel + "credentials = \"env:TIM_TOKEN\"\npublish = ^\"no\"\n", "true or false"},
        Mistake{"SecretInTheFile", sound + channel + "credentials = ^\"EAAB-a-secret\"\n", "secrets never stand in this file"},
        Mistake{"TokenNotSet", sound + channel + "credentials = ^\"env:OTHER_TOKEN\"\n", "OTHER_TOKEN is not set"},
        Mistake{"SecretFileMissing", sound + channel + "credentials = ^\"file:/nowhere/token\"\n", "/nowhere/token cannot be read"},
        Mistake{"NoCredentialsAndNoApp", sound + "^" + channel, "`client_id` (OAuth 2.0)"},
        Mistake{"StoredWithoutAnApp", sound + channel + "credentials = ^\"stored\"\n", "`client_id` (OAuth 2.0)"},
        Mistake{"ConsumerKeyAlone", sound + channel + "client_id = \"c\"\nconsumer_key = ^\"env:TIM_TOKEN\"\n", "go together"},
        Mistake{"SecretOfTheClientInTheFile", sound + channel + "client_id = \"c\"\nclient_secret = ^\"EAAB-a-secret\"\n",
                "secrets never stand"},
        Mistake{"AppIdNoNumber", sound + channel + "client_id = \"c\"\napp_id = ^\"tim\"\n", "the app's number"},
        Mistake{"VerifyTokenOfX", sound + channel + "client_id = \"c\"\nverify_token = ^\"env:TIM_TOKEN\"\n", "only Facebook"},
        Mistake{"OldSecretWithoutANewOne", sound + "^" + channel + "client_id = \"c\"\nold_webhook_secret = \"env:TIM_TOKEN\"\n",
                "or `consumer_secret`"},
        Mistake{"SealingKeyOfAnotherForm", sound + "[sealing]\nkey = ^\"env:TIM_TOKEN\"\n", "32 bytes in base64"},
        Mistake{"OldSealingKeyNotSet", sound + "[sealing]\nold_keys = ^[\"env:OTHER_KEY\"]\n", "OTHER_KEY is not set"},
        Mistake{"UnknownRole", sound + "[[agent]]\nlogin = \"chiara\"\nrole = ^\"boss\"\n",
                "\"agent\", \"phone\", \"supervisor\" or \"admin\""},
        Mistake{"AgentOfNoBrand", sound + "[[agent]]\nlogin = \"chiara\"\nbrands = ^[\"tin\"]\n", "there is no [[brand]] with id \"tin\""},
        Mistake{"UnknownPolicy", sound + "[assignment]\npolicy = ^\"random\"\n", "\"round_robin\" or \"manual\""},
        Mistake{"PresenceFinerThanItIsKnown", sound + "[assignment]\nabsent_after = ^\"30s\"\n", "3m"},
        Mistake{"HandlingOfNoLabel", sound + "[assignment]\nhandling = [^{ time = \"5m\" }]\n", "label"},
        Mistake{"TeamOfNoCalendar", sound + "[[team]]\nid = \"phone\"\ncalendar = ^\"nights\"\n", "no [calendar.nights]"},
        Mistake{"TeamTwice", sound + "[[team]]\nid = \"phone\"\n[[team]]\nid = ^\"phone\"\n", "a second time"},
        Mistake{"WebhookWithoutASecret", sound + "^[[team]]\nid = \"phone\"\ncalendar = \"office\"\nwebhook = \"https://calls.example\"\n",
                "must be signed"},
        Mistake{"WebhookInside",
                sound + "[[team]]\nid = \"phone\"\ncalendar = \"office\"\nwebhook = ^\"http://10.1.2.3/calls\"\nwebhook_secret = "
                        "\"env:TIM_TOKEN\"\n",
                "[outbound] allow"},
        Mistake{"AllowedNoPlace", sound + "[outbound]\nallow = ^[\"http://calls.lan/\"]\n", "is no host"},
        Mistake{"PortsNoNumbers", sound + "[outbound]\nports = ^[\"443\"]\n", "expected port numbers"},
        Mistake{"RetentionNoDuration", sound + "[retention]\nmessages = ^90\n", "duration"},
        Mistake{"AgentOfNoTeam", sound + "[[agent]]\nlogin = \"chiara\"\nteams = ^[\"phone\"]\n", "no [[team]]"},
        Mistake{"ShiftOfNobody", sound + "[[shift]]\nagent = ^\"chiara\"\n", "there is no [[agent]]"},
        Mistake{"ShiftWithoutHours", sound + "[[agent]]\nlogin = \"chiara\"\n[[shift]]\nagent = \"chiara\"\nmonday = ^[\"9-18\"]\n",
                "two digits"},
        Mistake{"AbsenceOnNoDate", sound + "[[agent]]\nlogin = \"chiara\"\n[[absence]]\nagent = \"chiara\"\ndate = ^\"2026-02-30\"\n",
                "a date such as"},
        Mistake{"RotaInNoZone", sound + "[rota]\ntime_zone = ^\"Europe/Roma\"\n", "Europe/Roma"},
        Mistake{"RulePattern", sound + rule + "when = { text = ^\"a(\" }\n", "missing ): a("},
        Mistake{"RuleEmptyPattern", sound + rule + "when = { text = ^\"\" }\n", "the pattern is empty"},
        Mistake{"RuleKey", sound + rule + "when = { ^txt = \"a\" }\n", "did you mean 'text'?"},
        Mistake{"RuleOfNoBrand", sound + rule + "when = { brand = [\"tim\", ^\"tin\"] }\n", "there is no [[brand]] with id \"tin\""},
        Mistake{"RuleOfNoChannel", sound + rule + "when = { channel = ^\"tim-y\" }\n", "there is no [[channel]] with id \"tim-y\""},
        Mistake{"RuleStatus", sound + rule + "when = { status = [^\"opened\"] }\n", "new, open, pending"},
        Mistake{"RuleOffice", sound + rule + "when = { office = ^\"shut\" }\n", "\"open\" or \"closed\""},
        Mistake{"RuleHours", sound + rule + "when = { hours = [^\"late\"] }\n", "rule.when.hours"},
        Mistake{"RuleWaitsForNothing", sound + rule + "when = { after = ^\"30m\" }\n", "on = \"time\""},
        Mistake{"RuleOfTimeWithoutTime", sound + rule + "on = \"time\"\nwhen = ^{ assigned = false }\n", "after"},
        Mistake{"RuleDelivery", sound + rule + "when = { delivery = ^\"failed\" }\n", "on = \"delivery\""},
        Mistake{"RuleTwice", sound + rule + "[[rule]]\nname = ^\"r\"\nthen = { hold = true }\n", "a second time"},
        Mistake{"RuleDoesNothing", sound + "[[rule]]\nname = \"r\"\nthen = ^{ hold = false }\n", "the rule does nothing"},
        Mistake{"RuleWithoutThen", sound + "^[[rule]]\nname = \"r\"\n", "is missing"},
        Mistake{"RulePriority", sound + "[[rule]]\nname = \"r\"\nthen = { priority = ^\"top\" }\n", "low, normal, high, urgent"},
        Mistake{"ContractPattern", sound + "[personal_data]\ncontract_patterns = [\"a+\", ^\"a(\"]\n", "missing ): a("},
        Mistake{"IncludeNoList", "include = ^\"brands.toml\"\n" + sound, "a list of file names"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Config, TargetsAndAcknowledgementsReachTheirBrands)
{
    const TemporaryFolder folder;
    write_file(folder / "a.toml",
               sound + "[targets.default]\nfirst_response = \"30m\"\nnext_response = \"90m\"\nresolution = \"0s\"\nwarn_at = 0.5\n"
                       "[targets.default.urgent]\nfirst_response = \"5m\"\n"
                       "[targets.default.channel.facebook.high]\nresolution = \"4h\"\n"
                       "[acknowledgement]\npromise = true\n"
                       "texts.it = \"Apriamo {opening}\"\npromise_texts.it = \"Rispondiamo {promise}\"\n");
    const LoadedConfig loaded = load_config(folder / "a.toml", every_name_is_set);
    ASSERT_TRUE(loaded.config) << in_words(loaded.problems);
    const engine::Settings& settings = loaded.config->engine;
    EXPECT_EQ(settings.promised_first_response, std::chrono::minutes(30));
    const engine::BrandSettings& brand = settings.brands.front();
    EXPECT_EQ(brand.next_response, std::chrono::minutes(90));
    EXPECT_EQ(brand.resolution, std::chrono::minutes(0));
    EXPECT_EQ(brand.warn_at, 0.5);
    ASSERT_EQ(brand.target_overrides.size(), 3u);
    EXPECT_EQ(brand.target_overrides[0].priority, domain::Priority::urgent);
    EXPECT_EQ(brand.target_overrides[0].first_response, std::chrono::minutes(5));
    EXPECT_FALSE(brand.target_overrides[0].next_response);
    EXPECT_EQ(brand.target_overrides[2].channel, "facebook");
    EXPECT_EQ(brand.target_overrides[2].resolution, std::chrono::hours(4));
    EXPECT_TRUE(brand.acknowledgement.promise);
    EXPECT_EQ(brand.acknowledgement.texts.at("it"), "Apriamo {opening}");
    EXPECT_EQ(brand.acknowledgement.promise_texts.at("it"), "Rispondiamo {promise}");
}

TEST(Config, TokensAreInTheDatabaseUnlessTheyStandElsewhere)
{
    const TemporaryFolder folder;
    const auto load = [&](const std::string& given) {
        write_file(folder / "a.toml", sound + channel + given);
        LoadedConfig loaded = load_config(folder / "a.toml", every_name_is_set);
        EXPECT_TRUE(loaded.config) << in_words(loaded.problems);
        return std::move(*loaded.config);
    };
    for (const char* const given : {"", "credentials = \"stored\"\n", "credentials = \"\"\n"}) {
        const Config config =
            load(std::string("client_id = \"public id\"\nconsumer_key = \"env:K\"\nconsumer_secret = \"env:S\"\n") + given);
        EXPECT_TRUE(config.stored.contains("tim-x")) << given;
        EXPECT_EQ(config.connectors.front().credentials.client_id, "public id");
        EXPECT_EQ(config.webhooks.at("tim-x").secret, "token-of-S") << "X signs with the consumer secret";
    }
    const Config elsewhere = load("credentials = \"env:T\"\nclient_id = \"env:C\"\n");
    EXPECT_FALSE(elsewhere.stored.contains("tim-x")) << "what the configuration says wins";
    EXPECT_EQ(elsewhere.connectors.front().credentials.client_id, "token-of-C");
    EXPECT_TRUE(elsewhere.webhooks.empty()) << "no secret, no hook";
    EXPECT_EQ(load("credentials = \"env:T\"\nwebhook_secret = \"env:H\"\n").webhooks.at("tim-x").secret, "token-of-H");
}

TEST(Config, TheRotaIsReadPersonByPerson)
{
    const TemporaryFolder folder;
    write_file(folder / "a.toml",
               sound + "[[team]]\nid = \"phone\"\ncalendar = \"office\"\nslots = 3\ntext_planned = { it = \"{slot} {code}\" }\n"
                       "[[agent]]\nlogin = \"chiara\"\nteams = [\"phone\"]\nskills = [\"adsl\"]\n"
                       "[[shift]]\nagent = \"chiara\"\nmonday = [\"09:00-18:00\"]\nbreaks = [\"13:00-14:00\"]\n"
                       "[[absence]]\nagent = \"chiara\"\ndate = \"2026-12-24\"\n");
    const LoadedConfig loaded = load_config(folder / "a.toml", only_tim_is_set);
    ASSERT_TRUE(loaded.config) << in_words(loaded.problems);
    const auto& settings = loaded.config->engine;
    EXPECT_EQ(settings.phone_desk()->slots, 3);
    EXPECT_EQ(settings.phone_desk()->text_planned.at("it"), "{slot} {code}");
    ASSERT_EQ(settings.rota.people.size(), 1u);
    ASSERT_EQ(settings.rota.people.front().entries.size(), 3u);
    EXPECT_EQ(settings.rota.people.front().entries.at(1).kind, domain::ShiftKind::break_);
    EXPECT_EQ(settings.rota.people.front().entries.at(2).day, "2026-12-24");
    EXPECT_EQ(settings.assignment.absent_after, std::chrono::minutes(10)) << "watched unless told otherwise";
    EXPECT_EQ(loaded.config->agents.front().skills, std::vector<std::string>{"adsl"});
}

TEST(Config, AChannelsStartIsAnInstantInAnyOfItsForms)
{
    const TemporaryFolder folder;
    const auto start_of = [&](const std::string& given) {
        write_file(folder / "a.toml", sound + channel + "credentials = \"env:TIM_TOKEN\"\n" + given);
        const LoadedConfig loaded = load_config(folder / "a.toml", only_tim_is_set);
        EXPECT_TRUE(loaded.config) << in_words(loaded.problems);
        const auto start = loaded.config ? loaded.config->engine.channels.at(0).start_at : std::nullopt;
        return start ? base::to_rfc3339(*start) : std::string("none");
    };
    EXPECT_EQ(start_of(""), "none");
    EXPECT_EQ(start_of("start_at = \"\"\n"), "none");
    EXPECT_EQ(start_of("start_at = \"2026-03-02T09:00:00+01:00\"\n"), "2026-03-02T08:00:00Z");
    EXPECT_EQ(start_of("start_at = 2026-03-02T09:00:00+01:00\n"), "2026-03-02T08:00:00Z");
    EXPECT_EQ(start_of("start_at = 2026-03-02 00:30:00.250-05:30\n"), "2026-03-02T06:00:00.250Z");
}

TEST(Config, BrandsNameHowTicketsEndAndWhetherCustomersAreAsked)
{
    const TemporaryFolder folder;
    write_file(folder / "a.toml", sound + "threading = \"quick\"\nratings = \"stars\"\n[[brand]]\nid = \"second\"\n"
                                          "[threading.quick]\njoin_open_within = \"2h\"\nclose_solved_after = \"0s\"\n"
                                          "[ratings.stars]\nask_after = \"1h\"\ntext = \"Da 1 a 5? {{signature}}\"\n");
    const LoadedConfig loaded = load_config(folder / "a.toml", only_tim_is_set);
    ASSERT_TRUE(loaded.config) << in_words(loaded.problems);
    const auto& first = loaded.config->engine.brands.at(0);
    EXPECT_EQ(first.threading.join_open_within, std::chrono::hours(2));
    EXPECT_EQ(first.threading.close_solved_after, std::chrono::hours(0));
    EXPECT_TRUE(first.rating.ask);
    EXPECT_EQ(first.rating.ask_after, std::chrono::hours(1));
    const auto& second = loaded.config->engine.brands.at(1);
    EXPECT_EQ(second.threading.join_open_within, std::chrono::hours(0));
    EXPECT_EQ(second.threading.reopen_within, std::chrono::hours(24 * 7));
    EXPECT_FALSE(second.rating.ask) << "off by default";

    write_file(folder / "b.toml", sound + "threading = \"slow\"\nratings = \"none\"\n"
                                          "[ratings.stars]\ntext = \"{{customer.iban}}\"\n[threading.default]\nreopen_within = \"9\"\n");
    const auto words = in_words(load_config(folder / "b.toml", only_tim_is_set).problems);
    for (const char* part : {"no [threading.slow]", "no [ratings.none]", "{{customer.iban}}", "reopen_within"}) {
        EXPECT_THAT(words, HasSubstr(part));
    }
}

TEST(Config, ABudgetIsInDollars)
{
    const TemporaryFolder folder;
    write_file(folder / "a.toml", sound + channel + "credentials = \"env:TIM_TOKEN\"\nbudget = { usd_a_day = 2.5, owned_reads = true }\n");
    const LoadedConfig loaded = load_config(folder / "a.toml", only_tim_is_set);
    ASSERT_TRUE(loaded.config) << in_words(loaded.problems);
    EXPECT_EQ(loaded.config->engine.channels.at(0).money.a_day, 2'500'000);
    EXPECT_FALSE(loaded.config->engine.channels.at(0).money.a_month);
    EXPECT_EQ(loaded.config->connectors.at(0).money.a_day, 2'500'000);
    EXPECT_TRUE(loaded.config->connectors.at(0).owned_reads);
}

TEST(Config, NodesOfOneMachineAreToldApartByTheirPorts)
{
    Config config;
    EXPECT_EQ(node_among_several(config, 8001), "") << "with SQLite there is only one";
    config.database_url = "postgresql://sportello@db/sportello";
    EXPECT_EQ(node_among_several(config, 8001), machine_among_several(config) + ":8001");
    EXPECT_NE(node_among_several(config, 8001), node_among_several(config, 8002)) << "their restarts do not count together";
}

TEST(Config, AllMistakesAreReportedAtOnce)
{
    const TemporaryFolder folder;
    write_file(folder / "a.toml", "[server]\nlisten = \"nowhere\"\n[polling]\nopen = 5\n[log]\nlevel = \"loud\"\n" + sound +
                                      "[[agent]]\nlogin = \"anna\"\nrol = \"agent\"\n");
    const LoadedConfig loaded = load_config(folder / "a.toml", every_name_is_set);
    EXPECT_FALSE(loaded.config);
    std::vector<unsigned> lines;
    for (const ConfigProblem& problem : loaded.problems) lines.push_back(problem.line);
    EXPECT_THAT(lines, testing::UnorderedElementsAre(2u, 4u, 6u, 13u)) << in_words(loaded.problems);
}

TEST(Config, ASyntaxErrorNamesFileAndLine)
{
    const TemporaryFolder folder;
    write_file(folder / "a.toml", sound + "[server]\nlisten = \"127.0.0.1:8080\n");
    const LoadedConfig loaded = load_config(folder / "a.toml", every_name_is_set);
    ASSERT_EQ(loaded.problems.size(), 1u);
    EXPECT_EQ(loaded.problems.front().line, 6u);
    EXPECT_THAT(loaded.problems.front().to_string(), HasSubstr((folder / "a.toml").string() + ":6:"));
}

TEST(Config, AFileThatIsNotThereIsNamed)
{
    const TemporaryFolder folder;
    const LoadedConfig loaded = load_config(folder / "missing.toml", every_name_is_set);
    ASSERT_EQ(loaded.problems.size(), 1u);
    EXPECT_THAT(loaded.problems.front().to_string(), HasSubstr((folder / "missing.toml").string()));
}

TEST(ConfigInclude, TablesMergeKeysReplaceAndArraysGrow)
{
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "parts");
    write_file(folder / "parts" / "brands.toml", sound + "[server]\nlisten = \"127.0.0.1:1111\"\nbody_limit_bytes = 2048\n");
    write_file(folder / "sportello.toml",
               "include = [\"parts/brands.toml\"]\n[server]\nlisten = \"127.0.0.1:2222\"\n[[brand]]\nid = \"second\"\n");
    const LoadedConfig loaded = load_config(folder / "sportello.toml", every_name_is_set);
    ASSERT_TRUE(loaded.config) << in_words(loaded.problems);
    EXPECT_EQ(loaded.config->server.port, 2222) << "the including file wins";
    EXPECT_EQ(loaded.config->server.body_limit_bytes, 2048u) << "what it does not say stays";
    ASSERT_EQ(loaded.config->engine.brands.size(), 2u);
    EXPECT_EQ(loaded.config->engine.brands[0].id, "tim");
    EXPECT_EQ(loaded.config->engine.brands[1].id, "second");
}

TEST(ConfigInclude, AMistakeIsReportedInTheFileWhereItStands)
{
    const TemporaryFolder folder;
    write_file(folder / "one.toml", sound);
    write_file(folder / "two.toml", "\n\n[log]\nlevel = \"loud\"\n");
    write_file(folder / "all.toml", "include = [\"one.toml\", \"two.toml\"]\n");
    const LoadedConfig loaded = load_config(folder / "all.toml", every_name_is_set);
    ASSERT_EQ(loaded.problems.size(), 1u) << in_words(loaded.problems);
    EXPECT_EQ(loaded.problems.front().file, (folder / "two.toml").string());
    EXPECT_EQ(loaded.problems.front().line, 4u);
}

TEST(ConfigInclude, MissingFilesAndCirclesAreReported)
{
    const TemporaryFolder folder;
    write_file(folder / "missing.toml", "include = [\"nowhere.toml\"]\n" + sound);
    EXPECT_THAT(in_words(load_config(folder / "missing.toml", every_name_is_set).problems), HasSubstr("nowhere.toml: cannot be read"));
    write_file(folder / "circle.toml", "include = [\"circle.toml\"]\n");
    EXPECT_THAT(in_words(load_config(folder / "circle.toml", every_name_is_set).problems), HasSubstr("include each other"));
}

} // namespace
} // namespace sportello::app
