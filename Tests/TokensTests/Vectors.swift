/// Keys and tokens made with the openssl command line (`genpkey`, `dgst -sha256 -sign`); the private halves are gone.
/// Where a token is wrong, it is so in what its name says, and its signature is right.
enum Vectors {
  static let modulus =
    "nr62Sa60Yq9mytbSGoE1xTxVzydXNInAWte7pCoTR0aj_Yt1OIQn-HS2G7gwJ5tVrbnbcscnA45tRkS9kncts8ol3nMsAbrY"
    + "zeMRCYq6jeuODgkaUdZelAu8JFJBz7fWf7-0zR6oMKn2EkGKcibq-nVdPGNAvuO6Sk7ulWfRJbr2QdHw5lQ4u1TtF_7Yq2LJ"
    + "-G6yxYJ2Yx76uDwQYhAtZu5tkRb0OeohJOf01yZ_t-7MlNxmW9YFzzNEj6LQxo86S0RAeinzH84t8RhyplVrbTzlEFp-X21M"
    + "0sIq1WGh1sy2QXik8XNgf3WvWid6yetvRaf1eTPbm7PiCzGFDimOEw"
  static let x =
    "lgtggI4_qlPzxx1NI0n99i3zt3LjbBWt4e7aGSCGRWE"
  static let y =
    "cP4_lm82EkcF_KrTiFmyt14hEyj30aWrpTYzYxeOYc4"
  static let otherX =
    "aqPjF_VoD4XRQV58i7duhtia8_d92w10Rmxqb6G5Jho"
  static let otherY =
    "YYeOtZLlkjsV-yz4gC9XVUvKt4TCnlSvxvzSqwoyUZk"
  static let rs256 =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYS0xIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiJhbGljZSIs"
    + "ImF1ZCI6InNob3AiLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzNjAwfQ.a9aXKsUGh"
    + "bQ3kOCmGS0vDafBzRgoIjIjQ2W4cB-81XXx-0xwqGaQvxW6qJ_p1SFwABNrxPvBH0wNagw6au_4rKfF6ThmkwYhPrwKXJmUl"
    + "51nyOYcUt2YaPz3LoyTOgsc0K8iz3yxVtyXiZRLcUHqATERVlLQvxH2EUvxSRwf8oGMQ2gToEsiQOxzHblCsyelfXJZIz3V_"
    + "xEtGAeYYG0FbCt9BrAvVkNNiPKvr7291C_Ouaib73tHOOARJ0B_sqvFAsX55x9sv_YVd27IRTyljkt8x7CqI-oBz4azPXDSv"
    + "XNSMVkxP5BsqC1qXyRGig0GnQ7xl9OToBwAoFJ8uYLvUQ"
  static let es256 =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzd"
    + "WIiOiJhbGljZSIsImF1ZCI6InNob3AiLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzN"
    + "jAwfQ.lRBYyMzi-5SAcWfJNquDrItIfkFk_Sl018JJJGvCrjtYWIjYyC5cQLHuvQBnP8Oy5iqOf91Q5TUu_llFFBfLnA"
  static let rich =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzd"
    + "WIiOiJhbGljZSIsImF1ZCI6WyJzaG9wIiwiYmFuayJdLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXhwI"
    + "joxNzAwMDAzNjAwLCJhenAiOiJ3ZWItY2xpZW50Iiwic2NvcGUiOiJyZWFkIHdyaXRlIiwiZ3JvdXBzIjpbImRldiIsIm9wc"
    + "yJdLCJhZG1pbiI6dHJ1ZSwibGV2ZWwiOjcsInJlYWxtIjp7InJvbGVzIjpbImJ1eWVyIl0sIm5hbWUiOiJub3J0aCJ9LCJub"
    + "3RlIjoiYVxyXG54LWV2aWw6IDEifQ.-C_niBX5YP-pK3fRC1ncnlJ79IcPK7UI5JGnQhb6IDzs684kFJK0tYVqMyZoaiZNKs"
    + "O-DOCcYP5k6skkUwk_uQ"
  static let plain =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiJib2IifQ._qJaF3M4fQdIa8Ukx6dV"
    + "3dyKI15-KWy9wcdDu18qkaNSLP9vi_JpT9E10ZG0VpY-04j9UlXTsuzY72eCDwaOrw"
  static let otherKey =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzd"
    + "WIiOiJhbGljZSIsImF1ZCI6InNob3AiLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzN"
    + "jAwfQ.Mf5p67uET_6w4xtg4uuuuvcVgSfIFaLNWjoFbU02WuYzXNn6XJVE4BZ0iOPBYyP4Ag3a60TX0KyDX99Sm79jVA"
  static let otherKid =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTkifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiJhbGljZSIsI"
    + "mF1ZCI6InNob3AiLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzNjAwfQ.PNckwlh62q"
    + "wAd7tbcz5XdCCs98Tf-brQfTAt6ffUqLuAs7oucWLwzHCgcmaDUBjz7vC7etg4ZZUi3OXd5MRAcQ"
  static let critical =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJjcml0IjpbImV4cCJdLCJleHAiOjF9.eyJpc3MiOiJodHRwczovL2lkLmV"
    + "4YW1wbGUiLCJzdWIiOiJhbGljZSIsImF1ZCI6InNob3AiLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXh"
    + "wIjoxNzAwMDAzNjAwfQ.UyrZTs9vqqhcuhcmjgDKv5l89429Ikj4moyO4Y3qn4zD66AHdooaC5aYG4Fc_A7mNiDgHqO9QTf2"
    + "vRtXCHqOWg"
  static let saysRS256 =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImVjLTEifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiJhbGljZSIsI"
    + "mF1ZCI6InNob3AiLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzNjAwfQ.uLew3b00MT"
    + "3dpbdOnnLox1YBL0S52B9-b8Q2t5EuF7_zZjKh4pTTBbscE70HnQvpjrmK_1bHvDeAYKNWUG05uQ"
  static let saysNone =
    "eyJhbGciOiJub25lIiwia2lkIjoiZWMtMSJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiJhbGljZSIsImF"
    + "1ZCI6InNob3AiLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzNjAwfQ.RCaQrCU5jHny"
    + "0eQWuQm6ehImogR03mUnZtsx08vWOWDIBOl0qzkdl1XecY1DF0o6F7XexwSNmYfSF3gYTt1awA"
  static let saysHS256 =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6ImVjLTEifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiJhbGljZSIsI"
    + "mF1ZCI6InNob3AiLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzNjAwfQ.PuJ_7_Iopa"
    + "6EEJdSjDyAcKmOfe94N3jenDwiVmu5BhldnE0zUU5RdYiM97QPWqtgOYeUXTHyeaZtbylxQfs_4w"
  static let p384 =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiJhbGljZSIsI"
    + "mF1ZCI6InNob3AiLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAzNjAwfQ.HPAfviGn2L"
    + "IkYYF8SgSTi5_m_t7r3SoA0u6BUKv-1WuP04wmlcvGcytFk5ggcUUx87T32HmnikVWj9As6vO_RoQqy34JoVo3o5HJOIHHbu"
    + "UNOm0CJ3V-h3EkglT3wmFg"
  static let otherIssuer =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUvIiwic"
    + "3ViIjoiYWxpY2UiLCJhdWQiOiJzaG9wIiwiaWF0IjoxNzAwMDAwMDAwLCJuYmYiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwM"
    + "zYwMH0.WjLgDgMGbzWaELBW7VmQaR_REf4xTqUw2xf4E_hAdVbuL9IiYuKgiys1n_t-FCgMlYnPXhuzb2FCENH9C1ULKg"
  static let doubleClaim =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzd"
    + "WIiOiJhbGljZSIsInN1YiI6ImFkbWluIn0.BIs1Abv70DCMoJhE0SPilFgSLYvHLfnp9V-uTgJPP7MjnBAgon_Bt41ueSumZ"
    + "hkL_2If_FVfQ49Zz4jcMS-ccw"
  static let hugeExpiry =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJle"
    + "HAiOjFlMzAwfQ._Q9xb2rf3W_XSmmll_BHiLRbeWunQS7yHW9o0rpk_r78lmJGf5T3R2osP1tNRQdJU6j5YvVor8caIOfBBF"
    + "QAgw"
  static let fractions =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJle"
    + "HAiOjE3MDAwMDM2MDAuOX0.YzOVLLY9yYomhOMBhUXDrd3kn3WsKaLMU4DIz4JMWsMduo-mxfXBTqNpcy4_2objAhagxaeS8"
    + "m1ntcptPaeijA"
  static let textExpiry =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJle"
    + "HAiOiIxNzAwMDAzNjAwIn0.86Xu8jpQbIeEtCWpbbiMk34cH4O4nJlP6H88AfNDOSEp_gt3aS4BU8tjoc-yV5kSmWixhCUAl"
    + "BXPmNxLFvHW-w"
  static let negativeExpiry =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJle"
    + "HAiOi0xfQ.CCNfoVif5mDSpZdqIxt8qdmB2GBQigLEquAFn3_TstO3y34UbkRsAHLhiPh06eq-KSNavQwl3BqtILrHkOuoNQ"
  static let issuedLater =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJpY"
    + "XQiOjE3MDAwMDEwMDB9.T1i502d27uoIMTp2tV-F3I83v2G0VvuWQhESZhjdJ1cb_Q7h-ae8-xmdybeq55u5pAzxZeqUgxvt"
    + "KLsa4Kiqzg"
  static let noSubject =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUifQ.xL"
    + "BUaKH9GVUD9KCf1W8eJ9YU46gJ9lqgk8F5oqgF_dDIvWOr92fXwGq8gd47nUJDijWOhtlVrXFOntDzaT24Uw"
  static let noIssuer =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImVjLTEiLCJ0eXAiOiJKV1QifQ.eyJzdWIiOiJhbGljZSJ9.pA51PCykMIWiPn1pqtGO"
    + "1OaQIzSS4qUZQYd8e8K195ONGF2_Z4Xsn9YvfVBcxMzTtQutW5dkenY5AQTz_2GOlg"
}
