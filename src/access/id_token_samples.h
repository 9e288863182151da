#pragma once

#include <string_view>
#include <utility>

// Made once by OpenSSL for this test; the private keys are gone. Times are around 1700000000 s.
namespace penstock::access {

inline constexpr std::string_view kKeySet =
    R"({"keys":[{"kty":"RSA","use":"sig","kid":"r1","alg":"RS256","n":"0b5S1E-s4kIWubOvbyd4T1vFEw)"
    R"(3yNnf2Rj3OFD564PoozQ8qkNXWm8gwOoVC7cYfBiEbGPGpBI7vDxT5dBaPBvSUcz82-vdVywxl1ys3Iq_-e_VNW5hm)"
    R"(u6_JAax-23_tLsFIa0uFCmh_w9qMG8tjPr_x7S-fTKg7P0Fh8CJ6GVAGXQmnUjHvTnVpy0kyLQ_iHn0cxSBEt6xtXN)"
    R"(Z4WGIMxbGFPaUeQQozPolLLcY8X-7WJEH4H2rvxDAX_8oQRmHtge1bYoc1S9qYxhNFxNXCYcvw9ldezxN-fu_r2TPQ)"
    R"(foAYxbwKxWxWl6zJjmHRsmP2WNveyZXf6UYtJQ95LSBnJQ","e":"AQAB"},{"kty":"EC","crv":"P-256","kid)"
    R"(":"e1","x":"9sjaxEc3wzvJXHRdoRSVjSnDMz2Dfzx73PpR81gOK5s","y":"2m8Ec3NYRrPaRCh5YaWZ8MN5zpCL)"
    R"(F1xyygTJ8pGOwAw"},{"kty":"oct","kid":"o1","k":"AAAA"},{"kty":"RSA","use":"enc","kid":"enc")"
    R"(,"alg":"RS256","n":"luVGbv-DEb9-VnL_Cvj0RKKz_gJVmMkq1gfVPJ-AKJthYC7TZPFmLqWWRDxMoLhGOKbfe1)"
    R"(IrOpaZs0ODjBxfSWYiKeK-SZFuZuEoTtlFbpZz9aykoZMjxQ6o2CWy0XVIC0yOsRmDD_2MPvDeS0Y5M5Bt0m7BWiap)"
    R"(hpT26vUn5cOxihjIGvgGwdgSs_wzFjVS5sSmi-pqs7olMFeg89IOCmMXHfwd8i8apwK9d5Iw42FlmTna1qnc_oRR4_)"
    R"(YsQlWyHg5QyJDojdebR4jtuHylg-KNrFVifZBa_WGlq_jAZB3rAtZfBfhbD8_BTSCdy5nSkDb15irLxtcK3F0Xm4ot)"
    R"(2Q","e":"AQAB"}]})";

inline constexpr std::string_view kRs256Token =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
    "MDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2In0."
    "tTHOazka4WoY6fvfvSOmijLygr05vBbEOMdHpoLAnRuijMULIYfQx-FEVGq_sO5vT2VkKHDZMPbkD9H_O5_U6Xn7Qry-czqB"
    "7Mf4IaYggaCM9wu7h54hCNMeBQ7yW6_-9usmCSfgFNyIs8V9nEzduBI2t-9iesi_-pigWF-6RxBlsw67bOelrpD9EwfVFNOi"
    "If986_d0YIsMn6L25y3pgV9LexbhW7IsjC_TrxuGabl4U3Kwt_etIplyPE3oULWfAyjZdj10Jia6WCaToSqO1YKKcfX4B21x"
    "LULMnO-P4gIDVwYo_8MxdGSn-Q93YgHsNkcEPgju_hOXeNRI0JDooA";

inline constexpr std::string_view kEs256Token =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
    "MDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2In0."
    "0Ilov2YvhrlOeE0WBJnWZ6Z0cSEFq7h1bC-x_7A3hcZBNZOn4UVXLJY--3fgtmK_pw26kNuJDYBKvq4O-4giaQ";

inline constexpr std::pair<std::string_view, std::string_view> kWrongTokens[] = {
    {"issuer",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2V2aWwuZXhhbXBsZSIsInN1YiI6IjI0ODI4OTc2"
     "MTAwMSIsImF1ZCI6InBlbnN0b2NrIiwiZXhwIjoxNzAwMDAwMzAwLCJpYXQiOjE3MDAwMDAwMDAsIm5vbmNlIjoibi0wUzYi"
     "fQ.-l6XEowLqTOPeGQo0CWTae5XGUQeCqkhcGPfekM3S2n2ZRlNKpTHwkvMHLFZqu6w3_1r3qEVs_8Vo1eNQQFAwQ"},
    {"audience",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
     "MDEiLCJhdWQiOiJvdGhlciIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2In0.Nfhd"
     "ThZVTIpgu7CEqfOOsxDUe-oKz2B0uy2PihxVn0PhqP96u3RRchp1MR8NGXW1F1UZmeUV1XHsIz-Iyka2oA"},
    {"two audiences",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
     "MDEiLCJhdWQiOlsicGVuc3RvY2siLCJvdGhlciJdLCJleHAiOjE3MDAwMDAzMDAsImlhdCI6MTcwMDAwMDAwMCwibm9uY2Ui"
     "OiJuLTBTNiJ9.stwTJWTqUzxf8JEEYtjVBne61lHeLxU0bV0x8Qm9KvHKRNPlrgdweG6fRMjy05eNl7UELLi7HG6U5XVj6Cl"
     "6nA"},
    {"another party",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
     "MDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2Iiwi"
     "YXpwIjoib3RoZXIifQ.HZqJAeuQ2a4xeNsjj9YDpLP3g0a00QgpJchKShndAn_7McRxaUh0Xgm9xv3AtXUOm7rrQpWoFpUfr"
     "f12_IVefw"},
    {"expired",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
     "MDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTY5OTk5OTkzOSwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2In0."
     "zN0GRtez_MFEk6qzeNfaSdao5ZMXOueQi-nc_14TALjOgzPsJ1x7QSdGRkc2SvhrYvkk6TF6aBqXVLMOmkfXJQ"},
    {"no expiry",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
     "MDEiLCJhdWQiOiJwZW5zdG9jayIsImlhdCI6MTcwMDAwMDAwMCwibm9uY2UiOiJuLTBTNiJ9.S-d6z7hEJjLk2VK5G3Sa8Ov"
     "419CiMjqKrT34R6405W1uPhbMEYGvrEAv2i2sISd6zsT9RE9qCoiBWEKvnOzOjg"},
    {"issued later",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
     "MDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDYxLCJub25jZSI6Im4tMFM2In0."
     "YgrYns4gXaME-9CvHuYQ6gWFCp1I6GKQNaQR7uXABto8HyeFuptnVs3JnLxuZ08Q2PEV-fD1Rn21hiGFTtm82A"},
    {"not before",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
     "MDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2Iiwi"
     "bmJmIjoxNzAwMDAwMDYxfQ.ywJlqInBl8IQDf1i0330WPrvMYHs8tbeP4llLaIiJhn4lvbcmtmakWbJGD3qax4Jpsoyu3Ahw"
     "pXYoJiKRifEKA"},
    {"nonce",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
     "MDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6IngifQ.cqlFd"
     "EnmlQRiuELC8m_spStvakhKM52212I01QD98XE87nO30qPQHcxDGWukduBS1Ws28RoWWb0DKXDAymFXRA"},
    {"no nonce",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
     "MDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwfQ.aZyLpbc1rcFMRXDf0QfQZ"
     "MycHtHTavDeGpt9Ci5frvDqJ60fuz_1bZTZheMGqnm1fzZGSrI9EtH86k8n1Uo7Tw"},
    {"nobody",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIiLCJhdWQiOiJw"
     "ZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2In0._JU60AQf04sJeYmS"
     "2LwQUBZHzjfMJ_ozlw2Iz_pHm0t06ua6IqBSghL36T5O7ZdQaOhF81Kzv7Zq6PVn4SUvmg"},
};

inline constexpr std::pair<std::string_view, std::string_view> kRightTokens[] = {
    {"one of two with azp",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
     "MDEiLCJhdWQiOlsicGVuc3RvY2siLCJvdGhlciJdLCJleHAiOjE3MDAwMDAzMDAsImlhdCI6MTcwMDAwMDAwMCwibm9uY2Ui"
     "OiJuLTBTNiIsImF6cCI6InBlbnN0b2NrIn0.ifG_TN2ZPiwuP6SBRrE01QTzR0HUga48SGmHT4oeEjYOeYq5oRkFCF9ON7LX"
     "PL7U4x0DdnHtpW2dIFj30oVizg"},
    {"just expired",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
     "MDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTY5OTk5OTk0MSwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2In0."
     "l_iL1krl3LlPBBxrg69nyc4_zQAWohFwKtuxU5qQOuKEkF4ymC-GxrqVr6QoieTpFeM70Tj-3QcvYad45W6TqQ"},
};

inline constexpr std::string_view kUnsignedToken =
    "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEwMDEiLCJhdWQiOiJw"
    "ZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2In0.";

inline constexpr std::string_view kHmacToken =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
    "MDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2In0."
    "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg";

inline constexpr std::string_view kOtherKeysToken =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIyNDgyODk3NjEw"
    "MDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2In0."
    "k2XJs1hM3NnAvI-_1G8ZKLvRJOW4YYBLl2A0P4SU04P7ccaHIQDja3Fe_t6cNqJDaf2mQN8litG5MI2z9jZDP0iunXrFu98B"
    "6Inq_VC8YbTPh8qX8MMBdQjjo4PkiQmdsrgfoCE79B73IteIMleSGzJyr_-uYvCxIDG_AlMS4q6wjGfqWNqJefOO-Y_pvb-M"
    "mJKMKqtKoPc3ujw98x3Qz4XeWiRTNfEK5i2U_MM-P4JPQrEX-ehy-fNGUL54fYu-YJWvRi0OPOd2xhdouRN7gLzjRR92N3Hr"
    "kGiiDGLTpNZZoFBIAAlTT_qr51WcIxL8BRP1c97obsKyeih_HfPisA";

inline constexpr std::string_view kCriticalToken =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIiwiY3JpdCI6WyJiNjQiXX0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJz"
    "dWIiOiIyNDgyODk3NjEwMDEiLCJhdWQiOiJwZW5zdG9jayIsImV4cCI6MTcwMDAwMDMwMCwiaWF0IjoxNzAwMDAwMDAwLCJu"
    "b25jZSI6Im4tMFM2In0.0DLKZrZXuFoB3LXNAHUwuoHhYg_YlAkl88qjcrdnhU8HLPdHGuag2gU039p2S8MwVwkY5HV5xJxC"
    "AMys6n1Ezw";

}  // namespace penstock::access
