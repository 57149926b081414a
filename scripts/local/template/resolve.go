package template

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// noValue is what AWS::NoValue resolves to: the property is left out.
type noValue struct{}

// resolve replaces the intrinsic functions in a JSON value by what they mean.
func (s *stack) resolve(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v {
			r, err := s.resolve(e)
			if err != nil {
				return nil, err
			}
			if _, none := r.(noValue); !none {
				out = append(out, r)
			}
		}
		return out, nil
	case map[string]any:
		for name, arg := range v {
			if len(v) == 1 && (name == "Ref" || strings.HasPrefix(name, "Fn::")) {
				return s.call(name, arg)
			}
		}
		out := make(map[string]any, len(v))
		for name, e := range v {
			r, err := s.resolve(e)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			if _, none := r.(noValue); !none {
				out[name] = r
			}
		}
		return out, nil
	default:
		return v, nil
	}
}

// call evaluates one intrinsic function.
func (s *stack) call(name string, arg any) (any, error) {
	switch name {
	case "Ref":
		return s.ref(fmt.Sprint(arg))
	case "Fn::GetAtt":
		switch arg := arg.(type) {
		case string:
			id, attribute, _ := strings.Cut(arg, ".")
			return s.attribute(id, attribute)
		case []any:
			if len(arg) == 2 {
				return s.attribute(fmt.Sprint(arg[0]), fmt.Sprint(arg[1]))
			}
		}
	case "Fn::Sub":
		return s.sub(arg)
	}
	resolved, err := s.resolve(arg)
	if err != nil {
		return nil, err
	}
	args, _ := resolved.([]any)
	if len(args) == 2 {
		switch name {
		case "Fn::Join":
			if parts, ok := texts(args[1]); ok {
				return strings.Join(parts, fmt.Sprint(args[0])), nil
			}
		case "Fn::Split":
			if text, ok := args[1].(string); ok {
				var out []any
				for part := range strings.SplitSeq(text, fmt.Sprint(args[0])) {
					out = append(out, part)
				}
				return out, nil
			}
		case "Fn::Select":
			list, _ := args[1].([]any)
			if i, err := strconv.Atoi(fmt.Sprint(args[0])); err == nil && i >= 0 && i < len(list) {
				return list[i], nil
			}
		}
	}
	return nil, fmt.Errorf("intrinsic %s with %v is not supported", name, arg)
}

func texts(v any) ([]string, bool) {
	list, ok := v.([]any)
	out := make([]string, len(list))
	for i, e := range list {
		if out[i], ok = e.(string); !ok {
			return nil, false
		}
	}
	return out, ok
}

var placeholder = regexp.MustCompile(`\$\{(!?)([^}]+)\}`)

// sub evaluates Fn::Sub in both of its forms: a text, or a text and variables.
func (s *stack) sub(arg any) (any, error) {
	text, ok := arg.(string)
	own := map[string]any{}
	if pair, isPair := arg.([]any); isPair && len(pair) == 2 {
		text, ok = pair[0].(string)
		own, _ = pair[1].(map[string]any)
	}
	if !ok {
		return nil, fmt.Errorf("intrinsic Fn::Sub with %v is not supported", arg)
	}
	var failed error
	out := placeholder.ReplaceAllStringFunc(text, func(match string) string {
		m := placeholder.FindStringSubmatch(match)
		if m[1] != "" {
			return "${" + m[2] + "}"
		}
		var v any
		var err error
		if value, has := own[m[2]]; has {
			v, err = s.resolve(value)
		} else if id, attribute, has := strings.Cut(m[2], "."); has {
			v, err = s.attribute(id, attribute)
		} else {
			v, err = s.ref(m[2])
		}
		if err != nil {
			failed = err
		}
		return fmt.Sprint(v)
	})
	return out, failed
}

// ref evaluates Ref for pseudo parameters, parameters and resources.
func (s *stack) ref(id string) (any, error) {
	switch id {
	case "AWS::Region":
		return s.place.Region, nil
	case "AWS::AccountId":
		return s.place.Account, nil
	case "AWS::Partition":
		return "aws", nil
	case "AWS::URLSuffix":
		return "amazonaws.com", nil
	case "AWS::StackName":
		return s.name, nil
	case "AWS::StackId":
		return s.arn("cloudformation", "stack/"+s.name+"/local"), nil
	case "AWS::NoValue":
		return noValue{}, nil
	}
	if p, ok := s.Parameters[id]; ok && p.Default != nil {
		return p.Default, nil
	}
	r, ok := s.Resources[id]
	if !ok {
		return nil, fmt.Errorf("reference to %q, which does not exist", id)
	}
	k, err := kindOf(r.Type)
	if err != nil {
		return nil, err
	}
	if k.ref != nil {
		return k.ref(s, id)
	}
	return s.physical(id)
}

// attribute evaluates Fn::GetAtt.
func (s *stack) attribute(id, name string) (any, error) {
	r, ok := s.Resources[id]
	if !ok {
		return nil, fmt.Errorf("Fn::GetAtt of %q, which does not exist", id)
	}
	k, err := kindOf(r.Type)
	if err != nil {
		return nil, err
	}
	if f, ok := k.attributes[name]; ok {
		return f(s, id)
	}
	if k.build == nil && strings.HasSuffix(name, "Arn") {
		return s.arn("local", r.Type+"/"+id), nil // names it where nothing needs the thing itself
	}
	return nil, fmt.Errorf("attribute %s of a resource of type %s is not known", name, r.Type)
}

// physical returns a resource's name: the one that the template gives it, or
// one made from stack and logical id.
func (s *stack) physical(id string) (string, error) {
	r := s.Resources[id]
	k, err := kindOf(r.Type)
	if err != nil {
		return "", err
	}
	if given, ok := r.Properties[k.name]; ok && k.name != "" {
		v, err := s.resolve(given)
		return fmt.Sprint(v), err
	}
	if k.derive != nil {
		return k.derive(s, id), nil
	}
	return s.name + "-" + id, nil
}

// arn makes an ARN in the stack's region and account.
func (s *stack) arn(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, s.place.Region, s.place.Account, resource)
}
