package boxsim

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"coffer/shared/backup"
)

const classificationKey = "enterprise.securityClassification-6VMVochwUWo"

func (s *Sim) metadataRoutes() {
	for path, kind := range map[string]backup.ItemKind{"files": backup.File, "folders": backup.Folder} {
		base := "/2.0/" + path + "/{id}/metadata"
		one := base + "/{scope}/{template}"
		s.handle("GET "+base, http.StatusOK, func(c *call) (any, error) { return listMetadata(c, kind) })
		s.handle("GET "+one, http.StatusOK, func(c *call) (any, error) { return getMetadata(c, kind) })
		s.handle("POST "+one, http.StatusCreated, func(c *call) (any, error) { return createMetadata(c, kind) })
		s.handle("PUT "+one, http.StatusOK, func(c *call) (any, error) { return updateMetadata(c, kind) })
		s.handle("DELETE "+one, http.StatusNoContent, func(c *call) (any, error) { return deleteMetadata(c, kind) })
	}
	s.handle("GET /2.0/metadata_cascade_policies", http.StatusOK, func(*call) (any, error) {
		return object{"limit": defaultLimit, "next_marker": nil, "entries": []object{}}, nil
	})
}

// showMetadata adds Box's own keys to an instance's values. The scope
// "enterprise" stands for "enterprise_<id>", which is how answers spell it.
func (v view) showMetadata(it *item, key string) object {
	out := maps.Clone(it.Metadata[key])
	scope, template, _ := strings.Cut(key, ".")
	if scope == "enterprise" {
		scope += "_" + v.Users[it.Owner].Enterprise
	}
	out["$parent"] = string(it.Kind) + "_" + it.ID
	out["$scope"], out["$template"] = scope, template
	out["$canEdit"] = true
	return out
}

// metadataKey is the scope and template in the call's path.
func (c *call) metadataKey() string {
	return canonicalScope(c.r.PathValue("scope")) + "." + c.r.PathValue("template")
}

func canonicalScope(scope string) string {
	if strings.HasPrefix(scope, "enterprise_") {
		return "enterprise"
	}
	return scope
}

// inlineMetadata answers a field such as metadata.global.properties.
func (v view) inlineMetadata(out object, it *item, field string) {
	parts := strings.SplitN(field, ".", 3)
	if len(parts) != 3 || it.Kind == backup.WebLink {
		return
	}
	key := canonicalScope(parts[1]) + "." + parts[2]
	if it.Metadata[key] == nil {
		return
	}
	all, _ := out["metadata"].(object)
	if all == nil {
		all = object{}
		out["metadata"] = all
	}
	scope, _ := all[parts[1]].(object)
	if scope == nil {
		scope = object{}
		all[parts[1]] = scope
	}
	scope[parts[2]] = v.showMetadata(it, key)
}

func (v view) classification(it *item) any {
	values := it.Metadata[classificationKey]
	if values == nil {
		return nil
	}
	return object{"name": values["Box__Security__Classification__Key"], "definition": "", "color": "#4c9aff"}
}

func listMetadata(c *call, kind backup.ItemKind) (any, error) {
	it, err := c.subject(kind, canPreview)
	if err != nil {
		return nil, err
	}
	entries := []object{}
	for _, key := range slices.Sorted(maps.Keys(it.Metadata)) {
		entries = append(entries, c.showMetadata(it, key))
	}
	return object{"entries": entries, "limit": defaultLimit}, nil
}

func instanceNotFound() error {
	return refuse(http.StatusNotFound, "instance_not_found", "The specified metadata instance was not found")
}

func getMetadata(c *call, kind backup.ItemKind) (any, error) {
	it, err := c.subject(kind, canPreview)
	if err != nil {
		return nil, err
	}
	if it.Metadata[c.metadataKey()] == nil {
		return nil, instanceNotFound()
	}
	return c.showMetadata(it, c.metadataKey()), nil
}

func createMetadata(c *call, kind backup.ItemKind) (any, error) {
	it, err := c.subject(kind, canEdit)
	if err != nil {
		return nil, err
	}
	var values object
	if err := c.decode(&values); err != nil {
		return nil, err
	}
	key := c.metadataKey()
	if it.Metadata[key] != nil {
		return nil, refuse(http.StatusConflict, "tuple_already_exists", "Metadata instance already exists")
	}
	if err := c.setMetadata(c.user, it, key, values); err != nil {
		return nil, err
	}
	return c.showMetadata(it, key), nil
}

// setMetadata gives the item an instance. Anything goes for the global templates;
// others must exist.
func (s *Sim) setMetadata(by *user, it *item, key string, values object) error {
	if key != "global.properties" && key != "global.boxSkillsCards" && s.Templates[s.templateKey(by, key)] == nil && key != classificationKey {
		return refuse(http.StatusNotFound, "instance_tuple_not_found", "The template %s does not exist", key)
	}
	instance := object{"$id": s.uuid(), "$type": strings.ReplaceAll(key, ".", "_") + "-" + s.opaque(8), "$version": 0, "$typeVersion": 0}
	for name, value := range values {
		if !strings.HasPrefix(name, "$") {
			instance[name] = value
		}
	}
	if it.Metadata == nil {
		it.Metadata = map[string]object{}
	}
	it.Metadata[key] = instance
	s.emit(by, it, "", "METADATA_INSTANCE_CREATE")
	return nil
}

func updateMetadata(c *call, kind backup.ItemKind) (any, error) {
	it, err := c.subject(kind, canEdit)
	if err != nil {
		return nil, err
	}
	var steps []struct {
		Op, Path, From string
		Value          json.RawMessage
	}
	if err := c.decode(&steps); err != nil {
		return nil, err
	}
	key := c.metadataKey()
	old := it.Metadata[key]
	if old == nil {
		return nil, instanceNotFound()
	}
	values := maps.Clone(old)
	for _, step := range steps {
		name, from := pointed(step.Path), pointed(step.From)
		var value any
		if step.Value != nil {
			if err := json.Unmarshal(step.Value, &value); err != nil {
				return nil, invalid("value", "Invalid value.")
			}
		}
		switch step.Op {
		case "add", "replace":
			values[name] = value
		case "remove":
			delete(values, name)
		case "copy":
			values[name] = values[from]
		case "move":
			values[name] = values[from]
			delete(values, from)
		case "test":
			if got, _ := json.Marshal(values[name]); string(got) != string(encode(value)) {
				return nil, refuse(http.StatusPreconditionFailed, "precondition_failed", "The test of %s failed", step.Path)
			}
		default:
			return nil, invalid("op", "Invalid value '%s'.", step.Op)
		}
	}
	version, _ := values["$version"].(int)
	values["$version"] = version + 1
	it.Metadata[key] = values
	c.emit(c.user, it, "", "METADATA_INSTANCE_UPDATE")
	return c.showMetadata(it, key), nil
}

// pointed is the name that a JSON pointer to a value of an instance means.
func pointed(pointer string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(strings.TrimPrefix(pointer, "/"))
}

func deleteMetadata(c *call, kind backup.ItemKind) (any, error) {
	it, err := c.subject(kind, canEdit)
	if err != nil {
		return nil, err
	}
	if it.Metadata[c.metadataKey()] == nil {
		return nil, instanceNotFound()
	}
	delete(it.Metadata, c.metadataKey())
	c.emit(c.user, it, "", "METADATA_INSTANCE_DELETE")
	return nil, nil
}
