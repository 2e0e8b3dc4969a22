#pragma once

#include "house.hpp"

namespace sportello::simulator {

/// Facebook's webhooks: what becomes of posts, comments and messages is told to the app, if the app and the Page have
/// subscribed the field. Signed with the app's secret over the bytes as they are sent, escapes included.
class GraphWebhooks {
public:
    explicit GraphWebhooks(House& house);

private:
    void tell(const Happening& happening);
    void tell_change(const Happening& happening);
    void tell_message(const Happening& happening);
    [[nodiscard]] nlohmann::ordered_json from(const Item& item) const;
    [[nodiscard]] nlohmann::ordered_json comment_change(const Happening& happening) const;
    [[nodiscard]] nlohmann::ordered_json post_change_of(const Happening& happening) const;
    [[nodiscard]] nlohmann::ordered_json reaction(const Happening& happening) const;
    void post_change(const Account& page, const char* field, nlohmann::ordered_json value);
    void post_event(const Account& page, const char* field, nlohmann::ordered_json event, Instant at);
    void post(const Account& page, const char* field, const nlohmann::ordered_json& entry);

    House& house_;
    nlohmann::ordered_json last_entry_; ///< of whichever Page
};

} // namespace sportello::simulator
