package template

import "encoding/json"

// list is some names, which IAM writes without brackets where it is one.
type list []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *list) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*l = list{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

func addPolicy(p *Product, c *context) error {
	var in struct {
		PolicyDocument struct {
			Statement []Statement
			Version   ignored
		}
		Roles []string

		PolicyName ignored
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	if p.rights == nil {
		p.rights = map[string][]Statement{}
	}
	for _, name := range in.Roles {
		role := c.arn("iam", "role/"+name)
		p.rights[role] = append(p.rights[role], in.PolicyDocument.Statement...)
	}
	return nil
}
