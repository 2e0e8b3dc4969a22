#include <sportello/simulator/simulator.hpp>

namespace sportello::simulator {

std::string access_token(const Account& account)
{
    return "sim-" + std::string(to_string(account.platform)) + "-" + account.account;
}

std::string access_token_secret(const Account& account)
{
    return "sim-twitter-secret-" + account.account;
}

std::string page_path(const Account& account)
{
    return (account.platform == Platform::facebook ? "/facebook/" : "/x/") + account.account;
}

std::vector<Account> demo_accounts()
{
    return {
        {Platform::facebook, "104000000000001", "104000000000001", "Telecom Italia"},
        {Platform::facebook, "104000000000002", "104000000000002", "TIM"},
        {Platform::facebook, "104000000000003", "104000000000003", "Impresa Semplice"},
        {Platform::twitter, "TelecomItalia", "3001000001", "Telecom Italia"},
        {Platform::twitter, "TIM_Sportello", "3001000002", "TIM"},
        {Platform::twitter, "ImpresaSemplice", "3001000003", "Impresa Semplice"},
    };
}

} // namespace sportello::simulator
