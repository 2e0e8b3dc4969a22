#pragma once

#include <sportello/base/clock.hpp>
#include <sportello/base/random.hpp>
#include <sportello/base/seal.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/courier.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/database.hpp>
#include <sportello/storage/webhooks.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sportello::engine {

/// Gives what seals secrets at rest. @param make_key  whether a missing key is made: only for sealing
using Sealing = std::function<base::Result<const base::Sealer*>(bool make_key)>;

/// What a person writes of a webhook; nothing: as it is.
struct WebhookDraft {
    std::optional<std::string> name;
    std::optional<std::string> url;
    std::optional<std::vector<std::string>> types;
    std::optional<std::vector<std::string>> brands;
    std::optional<bool> enabled;
};

/// A webhook with its new secret, which is shown this once.
struct WebhookWithSecret {
    storage::Webhook webhook;
    std::string secret;
};

/// Tells other systems of events: each event that a webhook wants at least once, those of a ticket in their order, what
/// fails again after a longer and longer while.
///
/// A delivery is a POST of the event as GET /v1/events shows it, with the headers X-Sportello-Delivery (its id, the same at
/// each try), X-Sportello-Event (the type), X-Sportello-Timestamp (seconds since 1970) and X-Sportello-Signature: "sha256="
/// and the HMAC-SHA256 of "TIMESTAMP.BODY" in hexadecimal; for a day after the secret was changed, a second one by the old
/// secret after a comma.
class Webhooks {
public:
    Webhooks(boost::asio::any_io_executor executor, storage::Database& db, const Settings& settings, base::Clock& clock,
             base::Random& random);

    /// Works until stop(); ends at once without a courier.
    boost::asio::awaitable<void> run();
    void stop();
    /// There may be something to tell.
    void wake();
    void use(Courier* courier) { courier_ = courier; }
    /// Without one, secrets are sealed with a key that is forgotten at the end: tests.
    void use(Sealing sealing) { sealing_ = std::move(sealing); }

    /// Begins with the next event. @return invalid_input for an address that is not gone to, an unknown brand or type;
    /// conflict when this Idempotency-Key made one already, whose secret nobody can show again.
    boost::asio::awaitable<base::Result<WebhookWithSecret>> create(WebhookDraft draft, Command command);
    /// Switched on again, it goes on where it stopped. @return conflict when the revision is another one.
    boost::asio::awaitable<base::Result<storage::Webhook>> change(std::int64_t id, WebhookDraft draft,
                                                                  std::optional<std::int32_t> if_revision, Command command);
    /// What waits is not delivered any more.
    boost::asio::awaitable<base::Result<void>> remove(std::int64_t id, Command command);
    /// The old secret signs beside the new one for a day.
    boost::asio::awaitable<base::Result<WebhookWithSecret>> change_secret(std::int64_t id, Command command);
    /// Delivers once more what came after event `since`, in order, as far as events are kept.
    boost::asio::awaitable<base::Result<storage::Webhook>> replay(std::int64_t id, std::int64_t since, Command command);
    /// Sends a "webhook.test" at once, to see whether somebody answers; no event, in no log.
    boost::asio::awaitable<base::Result<storage::WebhookDelivery>> test(std::int64_t id, Command command);

    /// Whether this person may see and change it: an admin of some brands has those that tell of these brands only.
    [[nodiscard]] static bool may_see(const Actor& actor, const storage::Webhook& webhook);

private:
    boost::asio::awaitable<base::Instant> round();
    boost::asio::awaitable<base::Result<bool>> fill(std::int64_t id);
    boost::asio::awaitable<void> work_off(std::int64_t id);
    boost::asio::awaitable<bool> send(storage::Webhook webhook, storage::WebhookDelivery delivery);
    void begin(std::int64_t id);
    base::Result<void> check(const WebhookDraft& draft, const Actor& actor) const;
    base::Result<const base::Sealer*> sealer(bool make_key);
    base::Result<std::vector<std::pair<std::string, std::string>>> headers_of(const storage::Webhook& webhook, std::int64_t delivery,
                                                                              std::string_view type, std::string_view body);

    boost::asio::any_io_executor executor_;
    storage::Database& db_;
    const Settings& settings_;
    base::Clock& clock_;
    base::Random& random_;
    base::Signal signal_;
    Courier* courier_ = nullptr;
    Sealing sealing_;
    std::optional<base::Sealer> own_sealer_;
    std::set<std::int64_t> busy_; ///< webhooks to which something is being sent
    bool any_ = true;             ///< whether there may be a webhook at all
    bool stopping_ = false;
};

} // namespace sportello::engine
