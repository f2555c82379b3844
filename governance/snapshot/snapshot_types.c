/* Types of envelopes that snapshot.org takes: SHA-256 of their JSON, as its clients write it
 * (snapshot.js, src/sign/hashedTypes.json), of proposals, votes and statements. */
#include "governance/snapshot/snapshot_types.h"

#include "node/base/hex.h"

static const struct {
    const char *hash, *type;
} TYPES[] = {
    {"078d9c91ec3321dd1f0de0c152676e8d37b585b7b7b2f37d49b28cb8db08f61c", "vote-array"},
    {"09635280c0ac5c801b997b20db5ef0bc71c1b27e01220d52e0d55e9f2612671d", "vote-array"},
    {"0982321a37996bab9519d2cbbed8625187ac39e6153bf5341dd66edfd25d28d4", "vote"},
    {"112ba2ecb692f822eeacb1f2961fddec432925abf1b14b6732937c1029a26516", "vote-string"},
    {"1814c3dd303c5919ce488b924f92b9a42a0834972f514e55b1879fda48e67736", "vote-string"},
    {"18ad1db546f164fbf3584d2c145ebc0c73d1f60409a3257714790a6a24c63714", "proposal"},
    {"1dfe3863f6333a85581fb150d4ee77c95a6d026c518ca1b11c08ae1d98acd598", "vote-array"},
    {"1f85be40d703b7136fc0cfdad361572514299b79cbb286e875165d38d1e4f084", "vote-string"},
    {"258ddbad661d7530f23c4b945e847df99764b9e5e3bc6e127e41d07e4d0cc8b2", "vote"},
    {"40bc49afc0f4084a08af0d768ff67816dde5c61550ff65008c835982a62c351e", "vote-string"},
    {"4288d50b713081aae77d60d596d75864bff7acf7791a00183401e58658ee9da5", "statement"},
    {"43ad7ff95a9851492a09f8b3afdfa3ad2c28a10a371586d56fcc100f3ae8766c", "vote"},
    {"4ce05af3e66945ce30c03f1dd9d148a845d6491b0c9f8368acc211b321da7063", "vote-string"},
    {"4e064f8ce7a1aa3e95666117eaab5afbd515be5e94ea25ea037c9c803819ae69", "vote-array"},
    {"4e5fa89616761defa1274103441809c8445f8404306890ad36ec653d90201d58", "update-proposal"},
    {"50084aae0fe117c83ddf855557dde35ae2872e9045443a15f72aa6c68ea3943b", "vote"},
    {"5339bc75243597107916a39d9235470342ad7ac8486b9424272afe4877d62f6b", "statement"},
    {"59b60a06b729bf429bb984f2ce93dd9be08e013fdc59bfb39493114ad31a79d3", "vote-string"},
    {"6fee59b7db10fabbb0c6420c0a18c9d2c36306e342042826a355bfc7fe733870", "proposal"},
    {"734df82cdad586386defa4cb55adda7cb1b2a56929c4e6c3dc676f9901947288", "delete-proposal"},
    {"7b564612c125cd62c00c066ef4721fae1179a27238cd398b16f9813239fb248a", "vote"},
    {"8ae78362e9de73180e72a7e8429ef727a019ae6a4f4ea1280d4c53136bd585b3", "statement"},
    {"9cf05f3cc08b78654652fb2494d9b2beab8803b723cf1c36e1abaab7427f3823", "vote-array"},
    {"9f5632e3d8846ae2cde2366b77e4690dec595ec3b932b7713c905187d4fd181c", "vote"},
    {"9fecffaa3ddb7666a390be8db0aa6b8732e7679ffeebba069e4372597c0eb6c8", "proposal"},
    {"9ff8af4cfb586e2c7962d792b99328fb47e8a4e73cc89873c0980484bc1063a5", "delete-proposal"},
    {"a7bf2991bf4ff9053f1b19085ddc6febaa711e7a95cf90a797605dadc40b4079", "proposal"},
    {"b7a980854cf2772e2c4b418df0ffee5add68c8f46926af9c92c9c01c79049324", "vote-array"},
    {"bc8c6814ddd5b9b6ef6415c656c9e7b9e05e029cc19b954b7160dc2928a12caf", "vote"},
    {"bfeb52fefb3cf93d06e6c146dd4a16e88f5ab1e9777bd95b0b6160cd2aba565a", "vote"},
    {"c2e77cabf40490a8419d35b47bee2dc9f7759f004d51404ba617e7c4b14eb4ec", "vote"},
    {"c77a39b4525f80edda58f3653424fb334c34eb733cbd14fbeaeac7df883b12a1", "vote"},
    {"d1b38fb01c3b9d1eadb755a28b6a8c8325f6d26d451b18e4c793a8afa5be7d77", "proposal"},
    {"d56782e3b50ac86c25ae292923da8c367e3c9e8e7ea9d8baa435051fe2f430fa", "proposal"},
    {"dc18975713da65e4874577c67f56aa674c9ecf61d3f75eadbde061e8924e423a", "vote-string"},
    {"df10a7eeabe19301d6018be8b6c5d13231320d7ece64d021043fa172b64f3796", "update-proposal"},
    {"df8bea6fea4f124ef988d71c79c6aef5828f42a1456113324896414424ed6c58", "vote-array"},
    {"e557d7869559924326c5ab88fc19eca604694be2ff5df2e6b6443e1974b54525", "vote-array"},
    {"e731b9f36a18d4ba17b453e27db4210d02a1433ae08c21f6b5ba57df6d4efcfe", "vote-string"},
    {"e96749dcafbe24c60e422fc27dc3eb47578d1981ec1dc5356995414656490892", "vote-array"},
    {"ed24a65f4e1c377d7d0176e51c4000506f04df0d07df7a229f9ed9e69aa0a2e0", "vote-string"},
    {"f2ad79a1a9ff7bedacf8380f1e1e764d3f6094ad16eae974d1ef20df22e764bf", "vote-array"},
    {"fdee6a1cfaa9aa1219c9d6117e5850b5ad2fecd91580ef60947ebaeda9da0fe6", "vote-string"},
};

const char *ht_snapshot_type_of(const ht_hash32 *hash) {
    char text[HT_HEX_SIZE(32)];
    ht_hex_write(text, ht_bytes_of(hash->b, sizeof hash->b));
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (strcmp(text + 2, TYPES[i].hash) == 0) return TYPES[i].type;
    }
    return NULL;
}
