/* libyaml's document tree turned into a JSON value. */
#include "tests/vectors/light_yaml.h"

#include <yaml.h>

#define DEPTH_MAX 16U

static json_t *convert(yaml_document_t *document, int index, unsigned depth);

static json_t *convert_sequence(yaml_document_t *document, const yaml_node_t *node,
                                unsigned depth) {
    json_t *array = json_array();
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        if (json_array_append_new(array, convert(document, *item, depth + 1)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *convert_mapping(yaml_document_t *document, const yaml_node_t *node, unsigned depth) {
    json_t *object = json_object();
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        json_t *key = convert(document, pair->key, depth + 1);
        json_t *value = convert(document, pair->value, depth + 1);
        const char *name = json_string_value(key);
        bool is_good = name != NULL && value != NULL && json_object_set(object, name, value) == 0;
        json_decref(key);
        json_decref(value);
        if (!is_good) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/* Recurses at most DEPTH_MAX levels deep, also when an alias names a node above it. */
static json_t *convert(yaml_document_t *document, int index, unsigned depth) {
    const yaml_node_t *node = yaml_document_get_node(document, index);
    if (node == NULL || depth > DEPTH_MAX) return NULL;
    switch (node->type) {
    case YAML_SCALAR_NODE:
        return json_stringn((const char *)node->data.scalar.value, node->data.scalar.length);
    case YAML_SEQUENCE_NODE: return convert_sequence(document, node, depth);
    case YAML_MAPPING_NODE: return convert_mapping(document, node, depth);
    case YAML_NO_NODE: break;
    }
    return NULL;
}

json_t *ht_lv_read_yaml(const struct ht_lv_file *file) {
    struct ht_buf bytes;
    json_t *json = NULL;
    yaml_parser_t parser;
    yaml_document_t document;
    if (ht_lv_read(&bytes, file, NULL) != HT_OK || yaml_parser_initialize(&parser) == 0) {
        ht_buf_fini(&bytes);
        return NULL;
    }
    yaml_parser_set_input_string(&parser, bytes.p, bytes.n);
    if (yaml_parser_load(&parser, &document) != 0) {
        json = convert(&document, 1, 0);
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    ht_buf_fini(&bytes);
    return json;
}
